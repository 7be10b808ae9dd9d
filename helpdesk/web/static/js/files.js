// Files that go with a form: the chosen ones are listed in its `.chosen`, each can be taken out again, pasted and dropped ones are added.
//
// While the window is open they wait for their form to come into sight again, and come back with a message that is taken back.

import { $, $$, element, on } from "./dom.js";
import { number, t } from "./language.js";

const chosen = new Map(); // the files of a form that is not sent yet, by where it is sent to
const left = new Map(); // where a message was sent to and its files, by its id

const address = (form) => form.getAttribute("hx-post") ?? form.action;
const field = (form) => form && $("input[type=file]", form);

on("change", "input[type=file]", (_event, input) => list(input));

function list(input) {
  chosen.set(address(input.form), [...input.files]);
  $(".chosen", input.form)?.replaceChildren(...[...input.files].map((file, index) => line(input, file, index)));
}

function line(input, file, index) {
  const remove = element("button", { class: "btn quiet icon-only sm", type: "button", "aria-label": t("Remove %(name)s", { name: file.name }) }, "×");
  remove.addEventListener("click", () => {
    give(input, [...input.files].filter((_file, at) => at !== index));
    input.focus();
  });
  return element("li", { class: "file" }, element("bdi", { class: "cut" }, file.name), element("span", { class: "meta num" }, t("%(size)s kB", { size: number(Math.ceil(file.size / 1000)) })), remove);
}

function give(input, files) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  list(input);
}

on("paste", "textarea", (event, area) => {
  const pasted = [...event.clipboardData.files], input = field(area.form);
  if (pasted.length && input) give(input, [...input.files, ...pasted]);
});

// Dropping ------------------------------------------------------------------------------------------------------------

on("dragover", "form", (event, form) => {
  if (!field(form) || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  form.classList.add("dropping");
});
on("dragleave", "form", (event, form) => form.contains(event.relatedTarget) || form.classList.remove("dropping"));
on("drop", "form.dropping", (event, form) => {
  event.preventDefault();
  form.classList.remove("dropping");
  give(field(form), [...field(form).files, ...event.dataTransfer.files]);
});

// Leaving and coming back ---------------------------------------------------------------------------------------------

// The form's files have left with this message.
export function leave(form, message) {
  const files = chosen.get(address(form)) ?? [];
  if (files.length) left.set(message, [address(form), files]);
  chosen.delete(address(form));
}

// The message was taken back, so its files are chosen again.
export function comeBack(message) {
  if (!left.has(message)) return;
  const [to, files] = left.get(message);
  left.delete(message);
  chosen.set(to, [...files, ...(chosen.get(to) ?? [])]);
  show();
}

function show() {
  for (const input of $$("input[type=file]")) {
    const files = chosen.get(address(input.form)) ?? [];
    if (files.length > input.files.length) give(input, files);
  }
}

document.addEventListener("htmx:afterSettle", show);
on("reset", "form", (_event, form) => $(".chosen", form)?.replaceChildren());
