// Settings: a kept secret opens for a new one.

import { $, on } from "../js/dom.js";

on("click", "[data-replace]", (_event, button) => {
  const input = document.getElementById(button.dataset.replace);
  input.disabled = false;
  input.placeholder = "";
  button.remove();
  input.focus();
});

// The first thing that needs attention is where the eyes go.
$("[aria-invalid=true]")?.focus();

// On a narrow page the sections are a line; the present one is brought into sight.
$(".section-list [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// What is typed and not saved is asked about before the page goes.
const forms = new Set();
on("input", "form.form", (_event, form) => forms.add(form));
on("submit", "form.form", (_event, form) => forms.delete(form));
document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.matches?.("form.form") && forms.add(document.getElementById(detail.target.id)));
window.addEventListener("beforeunload", (event) => [...forms].some((form) => form.isConnected) && event.preventDefault());
