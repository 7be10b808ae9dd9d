// What can be done by key and from the palette: one list for both, and for the sheet that shows all keys.
// The server says what each is called and which physical key it has for this reader (web/keys); here stands what it does.

import { $, $$, fire } from "../js/dom.js";
import { byHand, enterOutcome } from "../ticket/by_hand.js";
import { t } from "../js/language.js";
import { openMenu } from "../js/layers.js";

const open = (id) => () => openMenu(id);
const press = (selector) => () => $(selector)?.click();
const tell = (name) => () => fire(name);
const ticket = () => !!$("[data-ticket]");
const list = () => !!$(".list .tickets");
const selecting = () => !!$(".list .choose");
const several = () => !!$("#selection:not([hidden])");
const some = () => several() || ticket();
const either = (one, all) => () => (several() ? all : one)(); // what is selected goes before what is open

const ACTS = {
  next: { icon: "arrow-down", run: tell("list:next"), when: list },
  previous: { icon: "arrow-up", run: tell("list:previous"), when: list },
  new: { icon: "plus", run: () => ($("[data-act=new-ticket]") ? $("[data-act=new-ticket]").click() : location.assign("/tickets/new")), when: () => !!$(".nav [data-counter=mine]") },
  reply: { icon: "reply", run: press("#tab-reply"), when: ticket },
  note: { icon: "lock", run: press("#tab-note"), when: ticket },
  way: { icon: "send", run: open("menu-way"), when: () => !!$("#menu-way") },
  outcome: { icon: "phone", run: () => enterOutcome(), when: () => !!byHand() },
  resolve: { icon: "check", run: either(press("[data-act=resolve]"), press("#all-status [value=solved]")), when: some },
  "resolve-next": { icon: "check", run: tell("ticket:resolve-next"), when: ticket },
  assign: { icon: "user", run: either(open("menu-assignee"), open("all-assign")), when: some },
  take: { icon: "user", run: either(press("[data-act=take]"), press("[data-act=take-selected]")), when: some },
  queue: { icon: "bag", run: open("menu-queue"), when: ticket },
  priority: { icon: "flag", run: either(open("menu-priority"), open("all-priority")), when: some },
  tags: { icon: "tag", run: either(open("menu-tags"), open("all-tags")), when: some },
  snooze: { icon: "snooze", run: either(open("menu-snooze"), open("all-snooze")), when: () => several() || !!$("#menu-snooze") },
  undo: { icon: "rewind", run: tell("ticket:undo-last"), when: ticket },
  "copy-number": { icon: "copy", run: press("[data-act=copy-number]"), when: ticket },
  "copy-link": { icon: "link", run: press("[data-act=copy-link]"), when: ticket },
  send: { icon: "send", run: tell("composer:send"), when: ticket },
  select: { icon: "check", run: tell("select:toggle"), when: selecting },
  "select-next": { icon: "arrow-down", run: tell("select:next"), when: selecting, hidden: true },
  "select-previous": { icon: "arrow-up", run: tell("select:previous"), when: selecting, hidden: true },
  clear: { icon: "x", run: tell("select:clear"), when: () => !!$(".choose :checked") },
  palette: { icon: "search", run: () => $("#palette").showModal(), hidden: true },
  keys: { icon: "key", run: () => $("#keys").showModal() },
};
const page = (id) => $(`.nav a[data-go="${CSS.escape(id.slice(3))}"]`);
const going = (id) => ({ icon: "next", run: () => page(id)?.click(), when: () => !!page(id), hidden: true }); // the palette has every page already

const bound = (keys) => keys.map((key) => ({ ...key, ...(ACTS[key.id] ?? going(key.id)) }));
const keyless = [
  { id: "status", label: t("Status…"), icon: "st-open", run: either(open("menu-status"), open("all-status")), when: some },
  { id: "visibility", label: t("Who can read the reply…"), icon: "globe", run: open("menu-visibility"), when: () => !!$("#menu-visibility") },
  { id: "template", label: t("Answer with a template…"), icon: "file", run: open("menu-template"), when: () => !!$("#menu-template") },
  { id: "merge", label: t("Merge into another ticket…"), icon: "merge", run: either(press("#menu-more [data-sheet]"), press("[data-act=merge-selected]")), when: some },
  { id: "availability", label: t("Availability…"), icon: "user", run: open("menu-presence"), when: () => !!$("#menu-presence") },
  { id: "accept-offer", label: t("Accept what rings"), icon: "bell", run: press("#rings [data-ring=accept]"), when: () => !!$("#rings .ring") },
  { id: "decline-offer", label: t("Let it ring at the next"), icon: "bell", run: press("#rings [data-ring=decline]"), when: () => !!$("#rings .ring") },
  { id: "hand-over", label: t("Hand over…"), icon: "users", run: press(".line-strip [data-sheet]"), when: () => !!$(".line-strip [data-sheet]") },
  { id: "theme", label: t("Light, dark or as the system"), icon: "moon", run: press("[data-prefer=theme]") },
  { id: "language", label: t("Change the language"), icon: "globe", run: press("[data-prefer=language]") },
  { id: "sign-out", label: t("Sign out"), icon: "next", run: press("[data-act=sign-out]") },
];

const ofPlugins = JSON.parse($("#page-actions")?.textContent ?? "[]").map(({ name, label, page }) => ({ id: name, label, icon: "bolt", run: () => fire("action:ask", { name, page }), when: some }));

export const actions = [...bound(JSON.parse($("#page-keys").textContent)), ...keyless, ...ofPlugins];

// Take over what the server answers after a key was changed, and write it wherever the page names a key.
export function rebind(keys) {
  actions.splice(0, actions.length, ...bound(keys), ...keyless, ...ofPlugins);
  for (const shown of $$("[data-key-of]")) shown.textContent = actions.find((action) => action.id === shown.dataset.keyOf)?.outside;
}

export const possible = (action) => !action.when || action.when();

// Pages of the navigation, for the palette.
export function places() {
  return $$(".nav a.nav-item, .nav-foot a.option").map((link) => ({
    label: ($(".cut", link) ?? link).textContent.trim(),
    url: link.href,
    icon: $("use", link).getAttribute("href").split("#i-")[1],
    keys: actions.find((action) => action.id === `go-${link.dataset.go}`)?.outside ?? "",
  }));
}
