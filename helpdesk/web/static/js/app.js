// Every signed-in page: menus, dialogs, preferences, the palette and the keys.

import { $, $$, on, post } from "./dom.js";
import { problem } from "./toasts.js";
import "./clock.js";
import "./files.js";
import "./keys.js";
import "./palette.js";

const THEMES = ["auto", "light", "dark"];

on("click", "[data-open]", (_event, opener) => {
  opener.closest("details")?.removeAttribute("open");
  $(`#${opener.dataset.open}`).showModal();
});
on("click", "[data-close]", (_event, button) => button.closest("dialog").close());
on("click", "dialog", (event, dialog) => { if (event.target === dialog) dialog.close(); });

// A menu closes when something else is touched, when it was used, and with Escape.
document.addEventListener("click", ({ target }) => {
  for (const open of $$("details.drop[open]")) {
    if (!open.contains(target) || target.closest(".option")) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && $("details.drop[open]");
  if (open) {
    event.preventDefault();
    open.open = false;
    $("summary", open).focus();
  }
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.status < 400) detail.elt.closest("details.drop")?.removeAttribute("open");
});
on("keydown", "details.drop[open]", (event, menu) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const options = $$(".option, .input", menu), at = options.indexOf(document.activeElement);
  options.at(event.key === "ArrowDown" ? (at + 1) % options.length : at - 1)?.focus();
  event.preventDefault();
});

on("click", "[data-prefer]", async (_event, { dataset }) => {
  const root = document.documentElement, name = dataset.prefer;
  const value = name === "theme" ? THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length] : dataset.value;
  if (name === "theme") root.dataset.theme = value;
  const response = await post("/me/preferences", { [name]: value }).catch(() => null);
  if (!response?.ok) return problem(response?.status ?? 0);
  if (name === "language") location.reload();
});
