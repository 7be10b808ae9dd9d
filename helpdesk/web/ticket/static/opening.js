// Beginning a ticket: its draft, sending it, and coming back to it when it is taken back.

import { $, act, on } from "../js/dom.js";
import { showCount } from "./carried.js";
import { store } from "./drafts.js";
import { t } from "../js/language.js";
import { toast } from "../js/toasts.js";
import { visit } from "./visit.js";

const PAUSE = 800, KEPT = "draft:new";
const form = () => $("#opening");
let saving = 0;

const words = () => Object.fromEntries([...new FormData(form())].filter(([, value]) => typeof value === "string"));

// The page asks for what the account's channel carries, and for nothing else.
function follow() {
  const { account, text } = form().elements, carried = (account.selectedOptions?.[0] ?? account).dataset;
  const files = carried.most !== "0";
  if ($("#opening-about")) $("#opening-about").hidden = !("subject" in carried);
  $("[data-keeps]", form()).closest("label").hidden = !files;
  $("#opening-no-files").hidden = files;
  showCount(carried, text, $("#opening-left"));
}

on("input", "#opening", () => {
  follow();
  clearTimeout(saving);
  saving = setTimeout(save, PAUSE);
});

function save() {
  return form() && store(form(), form().dataset.draft, words(), KEPT, JSON.stringify(words()));
}

document.addEventListener("live:leaving", ({ detail }) => form() && detail.push(save()));
document.addEventListener("live:on", () => form() && localStorage.getItem(KEPT) !== null && save());

// It came into sight: what could not reach the server is put back, and the first empty field waits for words.
function opened() {
  if (!form()) return;
  document.title = `${t("New ticket")} – ${t("Hamdel")}`;
  for (const [name, value] of Object.entries(JSON.parse(localStorage.getItem(KEPT) ?? "{}"))) if (form().elements[name]) form().elements[name].value = value;
  follow();
  ["to", "subject", "text"].map((name) => form().elements[name]).find((field) => field?.offsetParent && !field.value)?.focus();
}

document.addEventListener("composer:send", () => form()?.requestSubmit());

on("htmx:beforeRequest", "#opening", () => clearTimeout(saving));
on("htmx:sendError", "#opening", save); // out of reach: kept on this device

document.addEventListener("htmx:afterSwap", () => {
  const field = form() && $("#notices [data-field]")?.dataset.field;
  if (field) form().elements[field]?.focus();
});

document.addEventListener("ticket:begun", ({ detail }) => {
  localStorage.removeItem(KEPT);
  form().remove(); // it is sent, and no draft any more
  toast(t("The message leaves in a moment."), { seconds: detail.seconds, undo: { label: t("Undo"), run: () => act(detail.undo) } });
  visit(detail.url);
});

document.addEventListener("ticket:unsaid", ({ detail }) => detail.url && visit(detail.url));
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "ticket" && opened());
opened();
