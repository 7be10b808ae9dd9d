// The list beside the conversation: changed rows keep their place until the pointer leaves, new ones go to their promise's order,
// rows that belong elsewhere now leave, counters move by what changed.

import { $, $$, on } from "./dom.js";
import { digits, number, t } from "./language.js";
import { fill, make } from "./rows.js";
import { announce, toast } from "./toasts.js";

const list = () => $(".list");
const rows = () => $$(".tickets > li[data-id]");
const me = Number($("#console").dataset.me);
const mine = new Set($("#console").dataset.queues.split(" ").map(Number));
const CAP = 1000;
const waiting = new Set(); // rows that changed under the pointer
const facts = new Map(); // ticket → its facts as counters last counted them

// Does a ticket with these facts stand in this list?
function belongs(key, { status, queue, assignee, rests_until }) {
  if (key === "snoozed") return !!rests_until && (mine.has(queue) || assignee === me);
  const active = !["solved", "closed"].includes(status) && !rests_until;
  if (key === "mine") return active && assignee === me;
  if (key.startsWith("queue-")) return active && queue === Number(key.slice(6));
  if (!mine.has(queue)) return false;
  if (key === "solved") return status === "solved";
  return active && (key === "all" || (key === "unassigned" && assignee === null) || (key === "waiting" && status === "waiting"));
}

const factsOf = (row) => ({ status: row.status, queue: row.queue.id, assignee: row.assignee?.id ?? null, rests_until: row.rests_until });

document.addEventListener("live:changed", ({ detail }) => {
  const { ticket, row, was } = detail, now = factsOf(row);
  const before = facts.get(ticket) ?? (was ? (Object.keys(was).length ? { ...now, ...was } : null) : now);
  facts.set(ticket, now);
  count(before, now);
  place(row, belongs(list().dataset.key, now) && !row.merged_into);
  if (detail.actor === "desk" && was?.rests_until && !row.rests_until && row.assignee?.id === me) welcome(row);
  if (detail.kind === "message.received" || detail.kind === "ticket.opened") announce(`${row.customer.name}: ${row.subject || row.preview}`);
});

// A ticket of one's own that rested is back.
function welcome(row) {
  const text = t("%(ticket)s is back: %(subject)s", { ticket: `#${digits(row.number)}`, subject: row.subject || row.preview });
  toast(text, { undo: { label: t("Look at it"), run: () => location.assign(`/tickets/${row.id}`) } });
}

document.addEventListener("live:gone", ({ detail }) => {
  $(`#t-${detail.ticket}`)?.remove();
  facts.delete(detail.ticket);
  empty();
  recount();
});

// A ticket that went out of sight does not say where it stood, so the counters are asked for.
async function recount() {
  const response = await fetch("/counters").catch(() => null);
  if (!response?.ok) return;
  const counts = await response.json();
  for (const shown of $$("[data-counter]")) if (shown.dataset.counter in counts) write(shown, counts[shown.dataset.counter]);
}

function count(before, now) {
  for (const shown of $$("[data-counter]")) {
    const key = shown.dataset.counter, old = Number(shown.dataset.count);
    const change = Number(belongs(key, now)) - Number(before !== null && belongs(key, before));
    if (!change || old >= CAP) continue;
    write(shown, Math.max(0, old + change));
  }
}

function write(shown, count) {
  shown.dataset.count = count;
  shown.textContent = count < CAP ? number(count) : `${number(CAP - 1)}+`;
  shown.closest(".badge")?.toggleAttribute("hidden", !count);
}

function place(row, belongsHere) {
  const item = $(`#t-${row.id}`);
  if (item) {
    fill(item, row);
    item.classList.toggle("leaving", !belongsHere);
    if (pointed()) waiting.add(item);
    else settle(item);
  } else if (belongsHere) {
    const made = make(row);
    insert(made);
    if (made.isConnected) window.htmx.process(made); // what it inherits is known only in its place
  }
  empty();
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

// Nearest promise first, as the server orders; snoozed ones by their return, solved ones newest first.
function order(item) {
  const key = list().dataset.key;
  if (key === "snoozed") return [Date.parse(item.dataset.rests), Number(item.dataset.id)];
  return key === "solved" ? [-item.dataset.id] : [item.dataset.due ? Date.parse(item.dataset.due) : Infinity, Number(item.dataset.id)];
}

function before(a, b) {
  const first = order(a), second = order(b);
  return first[0] !== second[0] ? first[0] < second[0] : first.at(-1) < second.at(-1);
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
