// The calling screen: Enter dials, the time runs from then on, a digit enters the outcome; nobody leaves without one.

import { $, element, icon, on, socket } from "../../js/desk.js";

const KEY = "phone.since", card = $("[data-timed]"), form = $("[data-outcomes]");
const key = $("[data-call-open]")?.dataset.callOpen ?? "";
const [of, since] = (sessionStorage.getItem(KEY) ?? "").split(" ");
let began = of === key && key ? Number(since) : 0;

function show() {
  if (!began || !form) return;
  const seconds = Math.max(0, Math.round((Date.now() - began) / 1000));
  const digits = (value) => value.toLocaleString(document.documentElement.dataset.digits === "fa" ? "fa" : "en", { minimumIntegerDigits: 2, useGrouping: false });
  const timer = $(".timer", card);
  timer.hidden = false;
  timer.textContent = `${digits(Math.floor(seconds / 60))}:${digits(seconds % 60)}`;
  card.classList.add("live");
}

on("click", "[data-dial]", () => {
  began = Date.now();
  sessionStorage.setItem(KEY, `${key} ${began}`);
  show();
});
setInterval(show, 1000);
show();

// What the telephone system tells of the call that it makes for us.
const made = $("[data-made]");
if (made) {
  const phone = socket("/x/phone"), message = Number(made.dataset.made);
  phone.on("made", (call) => {
    if (call.message === message) phone.emit("made", { message }, ({ told }) => told && made.replaceChildren(icon("call", "sm"), element("span", {}, told)));
  });
}

form?.addEventListener("submit", () => {
  began = 0;
  sessionStorage.removeItem(KEY);
});
addEventListener("beforeunload", (event) => {
  if (began && form && !$("[data-dial][type=submit]:focus")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, button, a, dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const button = digit ? $(`[data-digit="${digit}"]`, form ?? document) : event.code === "Enter" ? $("[data-dial]") : null;
  if (!button) return;
  event.preventDefault();
  button.click();
});
