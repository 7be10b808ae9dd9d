// The picker, in which every choice of the console is made: a filter that has the focus over a list of options.
//
// Its markup is picker.html's. No key leaves it (layers.js): arrows walk, Enter chooses, Escape empties the filter, then closes.

import { $, $$, on } from "./dom.js";
import { folded } from "./folding.js";
import { apply, toggle } from "./picker_many.js";
import { fetchOptions } from "./picker_source.js";
import { keep, showRecent } from "./picker_recent.js";

const filterOf = (box) => $("[role=combobox]", box);
const shown = (box) => $$("[role=option]", box).filter((option) => !option.closest("[hidden]"));
const active = (box) => $(".option.active", box);

// It came into sight: what was chosen lately stands first, and the present value is where one begins.
function begin(box) {
  look(box);
  box.fetched = fetchOptions(box, "").then(() => look(box));
  filterOf(box).focus();
}

function look(box) {
  showRecent(box);
  narrow(box);
  if (!filterOf(box).value) reach(box, Math.max(0, shown(box).findIndex((option) => option.ariaSelected === "true" && !("many" in box.dataset))));
}

// Show the options that have every word of the filter.
export function narrow(box) {
  const query = filterOf(box).value, words = folded(query).split(" ");
  for (const option of $$("[role=option]:not(.create)", box)) {
    option.hidden = !("found" in option.dataset) && !words.every((word) => folded(`${option.textContent} ${option.dataset.also ?? ""}`).includes(word));
  }
  for (const group of $$("[role=group]", box)) group.hidden = (query && group.matches(".recent")) || !$("[role=option]:not([hidden])", group);
  offer(box, query.trim());
  $(".no-match", box).hidden = shown(box).length > 0 || $("[role=listbox]", box).ariaBusy === "true";
  reach(box, 0);
}

// A word that is no option yet can be made one where the picker has a place for it.
function offer(box, word) {
  const create = $(".create", box);
  if (!create) return;
  create.hidden = !word || $$("[role=option]:not(.create)", box).some((option) => folded($(".cut", option).textContent) === folded(word));
  $("b", create).textContent = word;
}

function reach(box, index) {
  const options = shown(box), next = options.at(index % (options.length || 1));
  active(box)?.classList.remove("active");
  if (!next) return filterOf(box).removeAttribute("aria-activedescendant");
  for (const [at, option] of options.entries()) option.id = `${box.id || "picker"}-${at}`;
  next.classList.add("active");
  filterOf(box).setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

const walk = (box, by) => reach(box, shown(box).indexOf(active(box)) + by);

let pause = 0;
on("input", ".picker [role=combobox]", (_event, input) => {
  const box = input.closest(".picker");
  narrow(box);
  clearTimeout(pause);
  if ("asks" in box.dataset) pause = setTimeout(() => fetchOptions(box, input.value).then(() => narrow(box)), 150);
});

on("keydown", ".picker", (event, box) => {
  if (event.isComposing || event.target !== filterOf(box)) return;
  const act = { ArrowDown: () => walk(box, 1), ArrowUp: () => walk(box, -1), Enter: () => enter(box, event), Escape: filterOf(box).value && (() => empty(box)) }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
});

// Who types faster than the options come means one of them, by what stood in the filter then; what was typed since stays.
// Of several, the next one is typed at once.
async function enter(box, { ctrlKey, metaKey }) {
  const filter = filterOf(box), meant = filter.value;
  await box.fetched;
  const more = filter.value.startsWith(meant) ? filter.value.slice(meant.length) : "";
  if (more) refill(box, meant);
  if ((ctrlKey || metaKey) && "many" in box.dataset) apply(box);
  else active(box)?.click();
  if (meant && "many" in box.dataset) refill(box, more);
}

function refill(box, words) {
  filterOf(box).value = words;
  narrow(box);
}

function empty(box) {
  filterOf(box).value = "";
  filterOf(box).dispatchEvent(new Event("input", { bubbles: true }));
}

on("click", ".picker [role=option]", (event, option) => {
  const box = option.closest(".picker");
  if (option.ariaDisabled === "true") return event.preventDefault();
  keep(box, option);
  if ("many" in box.dataset) {
    toggle(box, option);
    narrow(box);
  }
});
on("click", ".picker [data-act=apply]", (_event, button) => apply(button.closest(".picker")));
on("click", ".picker [data-act=ask-again]", (_event, button) => {
  const box = button.closest(".picker");
  fetchOptions(box, filterOf(box).value).then(() => narrow(box));
  filterOf(box).focus();
});
on("pointermove", ".picker [role=option]", (_event, option) => {
  const box = option.closest(".picker");
  if (option !== active(box)) reach(box, shown(box).indexOf(option));
});

document.addEventListener("toggle", ({ target }) => {
  const box = target.matches("details.drop") && $(".picker", target);
  if (box && target.open) begin(box);
  else if (box) filterOf(box).value = "";
}, true);
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const box = detail.target?.matches?.("dialog") && $(".picker", detail.target);
  if (box) begin(box);
});
