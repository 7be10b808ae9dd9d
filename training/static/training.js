// The notebook of a run: sending by keyboard, the draft on this device, what listeners hear, and moving through the cells.

import { $, $$, announce, on, t } from "../../js/desk.js";

const form = () => $("#say");
const area = () => $("#say textarea");
const scroller = $("#scroll");
const key = () => `practice:${form()?.dataset.run}`;

function count() {
  const place = $("[data-written]");
  if (place && area()) place.textContent = t("%(written)s of %(most)s", { written: area().value.length, most: Number(place.dataset.most) });
}

// At a desk the sheet scrolls, on a phone the whole page: the cell in hand, or the end, comes to the bottom of what is seen.
function toEnd() {
  const last = $("#live") ?? $("#end");
  const box = [scroller, $(".book")].find((one) => one && one.scrollHeight > one.clientHeight + 1);
  if (last && box) box.scrollTop += last.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 24;
}

if (form()) {
  const kept = sessionStorage.getItem(key());
  if (kept && !area().value) area().value = kept;
  count();
  toEnd();
  area().focus({ preventScroll: true });
} else {
  toEnd();
}

on("input", "#say textarea", (_event, field) => {
  sessionStorage.setItem(key(), field.value);
  count();
});

on("keydown", "#say textarea", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form().requestSubmit();
  } else if (event.key === "Escape") {
    $$(".cells > .cell[id]").at(-1)?.focus();
  }
});

// What the customer said is told to those who listen; the text that was sent leaves the box.
let before = Number($("#cells")?.dataset.version ?? 0);

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== form() || !detail.xhr.status || detail.xhr.status >= 300) return;
  area().value = "";
  sessionStorage.removeItem(key());
  count();
});

document.addEventListener("htmx:afterSettle", () => {
  const now = Number($("#cells")?.dataset.version ?? 0);
  const fresh = now > before ? $$(".cells > .cell[id]").slice(before - now) : [];
  before = now;
  for (const cell of fresh) announce([...$$(".said-by p, .hint-line span", cell), ...$$(".gauge", cell)].map((part) => part.textContent.trim()).join(". "));
  toEnd();
});

// J and K go through the cells, W tries the turn in hand another way, Enter goes on writing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, input, select, dialog, button, a")) return;
  const cells = $$(".cells > .cell[id]");
  const at = cells.indexOf(document.activeElement);
  if (event.code === "KeyJ" || event.code === "KeyK") cells[Math.min(cells.length - 1, Math.max(0, at + (event.code === "KeyJ" ? 1 : -1)))]?.focus();
  else if (event.code === "KeyW" && at >= 0) $("[id^=again-]", cells[at])?.click();
  else if (event.key === "Enter" && at >= 0) area()?.focus();
  else return;
  event.preventDefault();
});
