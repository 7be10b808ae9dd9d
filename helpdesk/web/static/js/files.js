// Files that go with a form: the chosen ones are listed in its `.chosen`, each can be taken out again, pasted ones are added.

import { $, element, on } from "./dom.js";
import { number, t } from "./language.js";

const listed = (input) => $(".chosen", input.form);

on("change", "input[type=file]", (_event, input) => list(input));

function list(input) {
  listed(input)?.replaceChildren(...[...input.files].map((file, index) => line(input, file, index)));
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
  const pasted = [...event.clipboardData.files], input = area.form && $("input[type=file]", area.form);
  if (pasted.length && input) give(input, [...input.files, ...pasted]);
});

on("reset", "form", (_event, form) => $(".chosen", form)?.replaceChildren());
