// Calls in the console: a card while somebody calls, with their open tickets; T and a digit log a call on the open ticket.

import { $, digits, element, icon, socket, t, toast } from "../../js/desk.js";

const phone = socket("/x/phone");
const cards = element("div", { class: "phone-calls", role: "status" });
document.body.append(cards);

// Who calls ------------------------------------------------------------------------------------------------------------

phone.on("call", (call) => {
  $(`[data-call="${call.call}"]`, cards)?.remove();
  if (call.number !== undefined) cards.append(card(call));
});

function card(call) {
  const close = element("button", { class: "btn icon-only quiet sm", type: "button", "aria-label": t("Close") });
  close.append(icon("x", "sm"));
  const who = element("bdi", { class: "strong cut" }, call.name || call.number);
  const called = call.name ? [element("bdi", { class: "num", dir: "ltr" }, call.number)] : [];
  const list = element("ul", {}, line({ id: call.ticket, subject: t("This call") }));
  const made = element("article", { class: "phone-call card", "data-call": call.call, "data-state": call.state });
  made.append(element("header", { class: "row" }, icon("call"), who, close), ...called, list);
  close.addEventListener("click", () => made.remove());
  phone.emit("open", { ticket: call.ticket }, ({ tickets = [] }) => list.replaceChildren(...[{ id: call.ticket, subject: t("This call") }, ...tickets.filter(({ id }) => id !== call.ticket)].map(line)));
  return made;
}

function line({ id, subject }) {
  const link = element("a", { class: "link cut", href: `/tickets/${id}`, dir: "auto" }, `#${digits(id)} ${subject}`);
  return element("li", {}, link);
}

// Logging a call ---------------------------------------------------------------------------------------------------------

let asked = null; // {ticket, box} while a digit is waited for

const shown = () => Number($("[data-ticket]")?.dataset.ticket) || null;

function ask(ticket) {
  phone.emit("choices", {}, ({ choices = [] }) => {
    asked?.box.remove();
    const box = element("div", { class: "phone-log card", role: "menu", "aria-label": t("Log a call") });
    choices.forEach(({ code, label }, at) => {
      const button = element("button", { class: "btn quiet", type: "button", role: "menuitem", "data-digit": at + 1 }, label, element("kbd", { class: "key" }, digits(at + 1)));
      button.addEventListener("click", () => log(ticket, code));
      box.append(button);
    });
    document.body.append(box);
    asked = { ticket, box };
    $("button", box)?.focus();
  });
}

function log(ticket, code) {
  asked?.box.remove();
  asked = null;
  phone.emit("log", { ticket, code }, ({ said, error }) => toast(error ?? said, error ? { tone: "danger" } : {}));
}

document.addEventListener("composer:tool", ({ detail }) => {
  if (detail.tool === "phone.log") ask(detail.ticket);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  if (asked && event.code === "Escape") {
    asked.box.remove();
    asked = null;
  } else if (asked && /^(Digit|Numpad)[1-9]$/.test(event.code)) {
    event.preventDefault();
    $(`[data-digit="${event.code.at(-1)}"]`, asked.box)?.click();
  } else if (!asked && !typing && event.code === "KeyT" && shown()) {
    event.preventDefault();
    ask(shown());
  }
});
