// Merging: the target is ticked in its picker, the second Enter or the button merges; both tickets can be had back.

import { $, $$, act, on } from "../js/dom.js";
import { t } from "../js/language.js";
import { ticket } from "./thread.js";
import { toast } from "../js/toasts.js";
import { again, visit } from "./visit.js";

on("click", "#sheet .picker [role=option]", (_event, option) => {
  const form = option.closest("form"), chosen = option.ariaSelected === "true";
  for (const other of $$("[role=option]", form)) other.ariaSelected = String(other === option);
  form.elements.target.value = option.value;
  $(".notice", form).replaceChildren();
  if (chosen) form.requestSubmit();
});

document.addEventListener("ticket:merged", ({ detail }) => {
  $("#sheet").close();
  toast(t("The two tickets are one now."), { undo: { label: t("Undo"), run: () => act(detail.undo).then(() => visit(detail.back)) } });
  visit(detail.url);
});

document.addEventListener("ticket:unmerged", again);

document.addEventListener("live:changed", ({ detail }) => {
  if (detail.ticket === ticket() && ["ticket.merged", "ticket.unmerged"].includes(detail.kind) && !$("#ticket .htmx-request, #sheet[open]")) again();
});
