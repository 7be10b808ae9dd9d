// The list beside the conversation. Where a changed ticket stands now, in which order, and how its row reads came with the change;
// changed rows keep their place until the pointer leaves, counters move by what changed.

import { $, $$, on } from "../js/dom.js";
import { tick } from "../js/clock.js";
import { drafted } from "../ticket/drafts.js";
import { digits, number, t } from "../js/language.js";
import { announce, toast } from "../js/toasts.js";

const list = () => $(".list");
const rows = () => $$(".tickets > li[data-id]");
const CAP = 1000;
const waiting = new Set(); // rows that changed under the pointer

document.addEventListener("live:changed", ({ detail }) => {
  const { row, lists } = detail;
  count(lists);
  if (detail.html) place(detail, lists[list().dataset.key]?.order);
  if (detail.actor === "desk" && lists.snoozed?.count < 0 && lists.mine?.count > 0) announceUnsnoozed(row);
  if (detail.kind === "message.received" || detail.kind === "ticket.opened") announce(`${row.customer.name}: ${row.subject || row.preview}`);
});

// A ticket of one's own that rested is back.
function announceUnsnoozed(row) {
  const text = t("%(ticket)s is back: %(subject)s", { ticket: `#${digits(row.number)}`, subject: row.subject || row.preview });
  toast(text, { undo: { label: t("Look at it"), run: () => location.assign(`/tickets/${row.id}`) } });
}

document.addEventListener("live:gone", ({ detail }) => {
  count(detail.lists);
  $(`#t-${detail.ticket}`)?.remove();
  empty();
});

function count(lists) {
  for (const shown of $$("[data-counter]")) {
    const change = lists[shown.dataset.counter]?.count, old = Number(shown.dataset.count);
    if (change && old < CAP) write(shown, Math.max(0, old + change));
  }
}

function write(shown, count) {
  shown.dataset.count = count;
  shown.textContent = count < CAP ? number(count) : `${number(CAP - 1)}+`;
  shown.closest(".badge")?.toggleAttribute("hidden", !count);
}

function place({ ticket, html }, order) {
  const old = $(`#t-${ticket}`);
  if (!old && !order) return;
  const item = made(html, order, old);
  if (old) old.replaceWith(item);
  item.classList.toggle("leaving", !order);
  if (old && pointed()) waiting.add(item);
  else settle(item);
  if (item.isConnected) window.htmx.process(item); // what it inherits is known only in its place
  empty();
}

// The row as the server wrote it, with what only this page knows of it.
function made(html, order, old) {
  const item = new DOMParser().parseFromString(html, "text/html").body.firstElementChild, key = list().dataset.key;
  item.dataset.order = JSON.stringify(order ?? JSON.parse(old.dataset.order));
  if (key !== "mine") $("a", item).href += `?in=${key}`;
  $("[data-slot=draft]", item).hidden = !drafted(Number(item.dataset.id));
  if (old) keep(old, item);
  tick(item);
  return document.adoptNode(item);
}

function keep(old, item) {
  waiting.delete(old);
  $(".choose input", item).checked = $(".choose input", old).checked;
  $("[data-slot=looking]", item).replaceWith($("[data-slot=looking]", old));
  if ($("[aria-current]", old)) $("a", item).setAttribute("aria-current", "true");
  const focused = old.contains(document.activeElement) && document.activeElement.matches("input") ? ".choose input" : "a";
  if (old.contains(document.activeElement)) queueMicrotask(() => $(focused, item).focus({ preventScroll: true }));
}

const pointed = () => $(".tickets").matches(":hover");

function settle(item) {
  if (item.classList.contains("leaving")) {
    remember(item);
    item.remove();
  } else {
    insert(item);
  }
  waiting.delete(item);
}

on("pointerout", ".tickets", (event, tickets) => {
  if (tickets.contains(event.relatedTarget)) return;
  for (const item of waiting) settle(item);
  empty();
});

function before(a, b) {
  const [first, second] = [a, b].map((item) => JSON.parse(item.dataset.order));
  const at = first.findIndex((part, index) => part !== second[index]);
  return at >= 0 && first[at] < second[at];
}

function insert(item) {
  const next = rows().find((other) => other !== item && before(item, other));
  if (next ? next.previousElementSibling === item : item.isConnected && !item.nextElementSibling) return;
  const more = $(".tickets > .more");
  if (!next && more) return item.remove(); // it comes with the page it belongs to
  const scroller = $(".list-scroll"), top = scroller.getBoundingClientRect().top;
  const anchor = scroller.scrollTop > 0 || pointed() ? rows().find((other) => other !== item && other.getBoundingClientRect().bottom > top) : null;
  const stood = anchor?.getBoundingClientRect().top;
  $(".tickets").insertBefore(item, next ?? null);
  if (anchor) scroller.scrollTop += anchor.getBoundingClientRect().top - stood;
}

function empty() {
  list().classList.toggle("is-empty", !$(".tickets > li"));
}

// Walking the list ------------------------------------------------------------------------------------------------

let stoodAt = 0; // where the open row was before it left
const open = () => $(".tickets [aria-current]")?.closest("li");

function remember(item) {
  if (item.contains($(".tickets [aria-current]"))) stoodAt = rows().indexOf(item);
}

// Open the row `step` further down the list; resolved rows that left are stepped over.
export function walk(step) {
  const all = rows(), at = all.indexOf(open());
  const target = at < 0 ? all[Math.min(step > 0 ? stoodAt : stoodAt - 1, all.length - 1)] : all[at + step];
  if (target) $("a", target).click();
}

// Mark which ticket is open.
export function mark(ticket) {
  for (const link of $$(".tickets [aria-current]")) link.removeAttribute("aria-current");
  $(`#t-${ticket} a`)?.setAttribute("aria-current", "true");
  const item = $(`#t-${ticket}`);
  if (!item) return;
  stoodAt = rows().indexOf(item);
  item.scrollIntoView({ block: "nearest" });
}

document.addEventListener("list:next", () => walk(1));
document.addEventListener("list:previous", () => walk(-1));
document.addEventListener("htmx:afterSettle", empty);
empty();
