// A picker of several: its options are ticked, a new word becomes one, and all ticked ones go out together.

import { $, $$, element } from "./dom.js";

export function toggle(box, option) {
  if (option.matches(".create")) return add(box, $("b", option).textContent);
  option.ariaSelected = String(option.ariaSelected !== "true");
  for (const twin of $$("[role=option]", box)) if (twin.value === option.value) twin.ariaSelected = option.ariaSelected;
}

function add(box, word) {
  const made = $("[data-slot=blank]", box).content.firstElementChild.cloneNode(true);
  made.value = word;
  made.ariaSelected = "true";
  $(".cut", made).textContent = word;
  $("[data-slot=added]", box).append(made);
  $("[role=combobox]", box).value = "";
}

// Send what is ticked as one value of the form, the words parted by commas.
export function apply(box) {
  const words = new Set($$("[role=option][aria-selected=true]:not(.create)", box).map(({ value }) => value));
  const field = $(`input[name="${box.dataset.many}"]`, box) ?? box.appendChild(element("input", { type: "hidden", name: box.dataset.many }));
  field.value = [...words].join(",");
  box.requestSubmit();
}
