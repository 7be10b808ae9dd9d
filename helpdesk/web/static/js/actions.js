// What can be done by key and from the palette: one list for both, and for the sheet that shows all keys.
// `code` is the physical key. Outside fields it stands alone, inside them with Alt; `inside: false` has no key there.

import { $, $$, fire } from "./dom.js";
import { t } from "./language.js";

const open = (id) => () => {
  const menu = $(`#${id}`);
  if (!menu) return;
  menu.open = true;
  $(".menu .option, .menu .input", menu)?.focus();
};
const press = (selector) => () => $(selector)?.click();
const tell = (name) => () => fire(name);
const go = (key) => () => $(`.nav a[href$="/views/${key}"]`)?.click();
const ticket = () => !!$("[data-ticket]");

export const actions = [
  { id: "next", label: t("Next ticket"), code: "KeyJ", icon: "arrow-down", run: tell("list:next"), when: () => !!$(".tickets") },
  { id: "previous", label: t("Previous ticket"), code: "KeyK", icon: "arrow-up", run: tell("list:previous"), when: () => !!$(".tickets") },
  { id: "reply", label: t("Reply"), code: "KeyR", icon: "reply", run: press("#tab-reply"), when: ticket },
  { id: "note", label: t("Internal note"), code: "KeyN", icon: "lock", run: press("#tab-note"), when: ticket },
  { id: "resolve", label: t("Resolve"), code: "KeyE", icon: "check", run: press("[data-act=resolve]"), when: ticket },
  { id: "resolve-next", label: t("Resolve and go to the next"), code: "KeyE", shift: true, icon: "check", run: tell("ticket:resolve-next"), when: ticket },
  { id: "assign", label: t("Assign to…"), code: "KeyA", icon: "user", run: open("menu-assignee"), when: ticket },
  { id: "take", label: t("Take it"), code: "KeyI", icon: "user", run: press("[data-act=take]"), when: ticket },
  { id: "queue", label: t("Move to a queue…"), code: "KeyQ", icon: "bag", run: open("menu-queue"), when: ticket },
  { id: "priority", label: t("Priority…"), code: "KeyP", icon: "flag", run: open("menu-priority"), when: ticket },
  { id: "tags", label: t("Tags…"), code: "KeyL", inside: false, icon: "tag", run: open("menu-tags"), when: ticket },
  { id: "status", label: t("Status…"), icon: "st-open", run: open("menu-status"), when: ticket },
  { id: "merge", label: t("Merge into another ticket…"), icon: "merge", run: press("#menu-more [data-sheet]"), when: ticket },
  { id: "undo", label: t("Take the last reply back"), code: "KeyU", inside: false, icon: "rewind", run: tell("ticket:undo-last"), when: ticket },
  { id: "copy-number", label: t("Copy the number"), code: "Period", inside: false, icon: "copy", run: press("[data-act=copy-number]"), when: ticket },
  { id: "copy-link", label: t("Copy the address"), code: "Comma", inside: false, icon: "link", run: press("[data-act=copy-link]"), when: ticket },
  { id: "send", label: t("Send"), keys: "Ctrl ↵", icon: "send", run: tell("composer:send"), when: ticket },
  { id: "go-queue", label: t("Go to my queue"), code: "KeyQ", after: "KeyG", inside: false, icon: "inbox", run: go("mine") },
  { id: "go-unassigned", label: t("Go to the unassigned"), code: "KeyU", after: "KeyG", inside: false, icon: "user-off", run: go("unassigned") },
  { id: "go-all", label: t("Go to all open tickets"), code: "KeyA", after: "KeyG", inside: false, icon: "menu", run: go("all") },
  { id: "theme", label: t("Light, dark or as the system"), icon: "moon", run: press("[data-prefer=theme]") },
  { id: "language", label: t("Change the language"), icon: "globe", run: press("[data-prefer=language]") },
  { id: "sign-out", label: t("Sign out"), icon: "next", run: press("[data-act=sign-out]") },
  { id: "palette", label: t("Search or command"), keys: "Ctrl K", icon: "search", run: () => $("#palette").showModal(), hidden: true },
  { id: "keys", label: t("All keys"), keys: "?", icon: "key", run: () => $("#keys").showModal() },
];

export const possible = (action) => !action.when || action.when();

// How an action's key is written outside fields and inside them.
export function keysOf(action) {
  if (!action.code) return { outside: action.keys ?? "", inside: action.keys?.startsWith("Ctrl") ? action.keys : "" };
  const cap = { Period: ".", Comma: "," }[action.code] ?? action.code.slice(3);
  const outside = [action.after?.slice(3), action.shift && "Shift", cap].filter(Boolean).join(" ");
  return { outside, inside: action.inside === false ? "" : ["Alt", action.shift && "Shift", cap].filter(Boolean).join(" ") };
}

// Pages of the navigation, for the palette.
export function places() {
  return $$(".nav a.nav-item, .nav-foot a.option").map((link) => ({ label: ($(".cut", link) ?? link).textContent.trim(), url: link.href, icon: $("use", link).getAttribute("href").split("#i-")[1] }));
}
