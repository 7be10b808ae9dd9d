// What lies over the page: menus and dialogs. One of them open has every key to itself; Escape closes the topmost and gives the focus back.

import { $, $$, on } from "./dom.js";
import { folded } from "./folding.js";

const OPEN = "details.drop[open]";

// The open dialog, else the open menu, else null.
export const layer = () => $("dialog[open]") ?? $(OPEN);

on("click", "[data-open]", (_event, opener) => {
  opener.closest("details")?.removeAttribute("open");
  $(`#${opener.dataset.open}`).showModal();
});
on("click", "[data-close]", (_event, button) => button.closest("dialog").close());
on("click", "dialog", (event, dialog) => { if (event.target === dialog) dialog.close(); });

const before = new WeakMap(); // where the focus was when a key opened a menu

// Give the focus back when a menu closes that had it.
function giveBack(menu) {
  const place = before.get(menu);
  before.delete(menu);
  if (document.activeElement !== document.body && !menu.contains(document.activeElement)) return;
  if (place?.isConnected && place !== document.body) place.focus({ preventScroll: true });
  else $("summary", menu).focus();
}

document.addEventListener("toggle", ({ target }) => target.matches("details.drop:not([open])") && !$(OPEN) && giveBack(target), true);

// Open a menu by its id, as a click on it would.
export function openMenu(id) {
  const menu = document.getElementById(id);
  if (!menu) return;
  before.set(menu, document.activeElement);
  menu.open = true;
  $(".picker [role=combobox], .menu > .option, .menu .input", menu)?.focus();
}

// A menu closes when something else is touched, also inside a formatted message; when it was used; and with Escape.
const closeAll = (but) => $$(OPEN).forEach((menu) => { menu.open = menu === but; });

document.addEventListener("click", ({ target }) => closeAll(target.closest(".option:not([aria-disabled=true], [data-stays])") ? null : target.closest(OPEN)));
window.addEventListener("blur", () => document.activeElement?.matches("iframe") && closeAll(null));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.status < 400) detail.elt.closest("details.drop")?.removeAttribute("open");
});

document.addEventListener("keydown", (event) => {
  const menu = !$("dialog[open]") && $(OPEN);
  if (!menu || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    menu.open = false;
    giveBack(menu);
  } else if (!$(".picker", menu)) step(event, menu);
});

// The arrows walk a menu, a letter goes to what begins with it.
function step(event, menu) {
  const options = $$(".option, .input", menu), at = options.indexOf(document.activeElement);
  const next = { ArrowDown: options.at((at + 1) % options.length), ArrowUp: options.at(at - 1) }[event.key] ?? begins(event, options);
  if (!next) return;
  next.focus();
  event.preventDefault();
}

function begins({ key, ctrlKey, metaKey, altKey, target }, options) {
  if (key.length > 1 || key === " " || ctrlKey || metaKey || altKey || target.matches(".input")) return null;
  return options.find((option) => folded(option.textContent).startsWith(folded(key)));
}
