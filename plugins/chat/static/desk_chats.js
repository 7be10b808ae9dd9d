// Live chats: several side by side. What comes is drawn anew in its pane; what is being written stays where it is.

import { $, $$, announce, on, post, socket, t, toast } from "../../js/desk.js";

const PANES = 3, PAUSE = 400, TYPING = 3000, EVERY = 60_000;
const chats = $(".chats"), list = $("[data-list]", chats), panes = $("[data-panes]", chats);
const line = socket("/x/chat");
const quiet = new Map(); // by ticket: the timer that ends "is writing"
const typed = new Map(); // by ticket: when its visitor was last told that somebody writes

const of = (ticket) => $(`[data-pane="${ticket}"]`, panes);
const idOf = (pane) => Number(pane.dataset.pane);
const front = () => $(".pane.front", panes);
const kept = (pane) => `chat.${$("form", pane).dataset.say}.${pane.dataset.pane}`; // a whisper never becomes an answer

// Which chat has the keyboard, and which stand beside it -----------------------------------------------------------

async function open(ticket, focus = true) {
  let pane = of(ticket);
  if (!pane) {
    const response = await fetch(`/x/chat/${ticket}/pane`).catch(() => null);
    if (!response?.ok) return toast(t("The desk cannot be reached. Nothing is lost; try again in a moment."), { tone: "danger" });
    panes.insertAdjacentHTML("afterbegin", await response.text());
    pane = of(ticket);
    dress(pane);
    for (const old of $$(".pane", panes).slice(PANES)) old.remove();
  }
  chats.dataset.view = "talk";
  history.replaceState(null, "", `/x/chat/?ticket=${ticket}`);
  show(pane);
  if (focus) $("textarea", pane).focus();
}

function show(pane) {
  const all = $$(".pane", panes);
  for (const one of all) one.classList.toggle("front", one === pane);
  const second = all.find((one) => one !== pane);
  for (const one of all) one.classList.toggle("second", one === second);
  mark();
  down(pane);
  read(pane);
}

function mark() {
  const now = front()?.dataset.pane;
  for (const row of $$(".chat-row", list)) row.dataset.chat === now ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
}

function dress(pane) {
  const field = $("textarea", pane);
  field.value = sessionStorage.getItem(kept(pane)) ?? "";
  down(pane);
}

function down(pane) {
  const talk = $(".pane-talk", pane);
  talk.scrollTop = talk.scrollHeight;
}

// Everything of a chat that is in sight is read.
function read(pane) {
  if (document.visibilityState !== "visible" || !pane.checkVisibility()) return;
  line.emit("read", { ticket: idOf(pane), upto: Number($(".pane-talk", pane).dataset.upto) });
}

// What comes ---------------------------------------------------------------------------------------------------------

const due = new Map();

// At most once in PAUSE, however much happens together.
function soon(key, act) {
  if (due.has(key)) return;
  due.set(key, setTimeout(() => {
    due.delete(key);
    act();
  }, PAUSE));
}

async function refreshList() {
  const response = await fetch("/x/chat/list").catch(() => null);
  if (!response?.ok) return;
  const focused = document.activeElement?.dataset?.chat;
  list.innerHTML = await response.text();
  mark();
  if (focused) $(`[data-chat="${focused}"]`, list)?.focus();
}

async function refresh(pane) {
  const response = await fetch(`/x/chat/${pane.dataset.pane}/talk`).catch(() => null);
  if (response?.ok) put(pane, await response.text());
}

function put(pane, html) {
  const talk = $(".pane-talk", pane), end = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 48, place = talk.scrollTop;
  const before = Number(talk.dataset.upto);
  $("[data-talk]", pane).innerHTML = html;
  const fresh = $(".pane-talk", pane);
  fresh.scrollTop = end ? fresh.scrollHeight : place;
  if (Number(fresh.dataset.upto) > before) announce($(".bubbles:last-of-type .bubble", fresh)?.textContent.trim() ?? "");
  read(pane);
}

document.addEventListener("live:changed", ({ detail }) => {
  const pane = of(detail.ticket);
  if (pane) soon(detail.ticket, () => refresh(pane));
  soon("list", refreshList);
});
document.addEventListener("live:waiting", () => soon("list", refreshList));
document.addEventListener("live:gone", () => soon("list", refreshList));
document.addEventListener("live:on", () => {
  for (const pane of $$(".pane", panes)) soon(idOf(pane), () => refresh(pane));
  soon("list", refreshList);
});
document.addEventListener("visibilitychange", () => front() && read(front()));
setInterval(() => document.hidden || refreshList(), EVERY);

document.addEventListener("live:signal", ({ detail: { ticket, kind } }) => {
  const pane = of(ticket);
  if (kind !== "typing") {
    if (pane) soon(ticket, () => refresh(pane));
    return soon("list", refreshList);
  }
  typing(ticket, true);
  clearTimeout(quiet.get(ticket));
  quiet.set(ticket, setTimeout(() => typing(ticket, false), 6000));
});

function typing(ticket, writes) {
  const pane = of(ticket), sign = pane && $("[data-typing]", pane);
  if (!sign) return;
  sign.hidden = !writes;
  if (writes) down(pane);
}

// Answers ------------------------------------------------------------------------------------------------------------

on("submit", "form[data-say]", async (event, form) => {
  event.preventDefault();
  const pane = form.closest(".pane"), field = $("textarea", form), button = $("[type=submit]", form), problem = $(".problem", form);
  const text = field.value.trim();
  if (!text || button.disabled) return field.focus();
  button.disabled = true;
  const response = await post(`/x/chat/${pane.dataset.pane}/${form.dataset.say}`, { text }).catch(() => null);
  button.disabled = false;
  problem.hidden = Boolean(response?.ok);
  if (!response?.ok) {
    problem.textContent = (await response?.json().catch(() => null))?.detail ?? t("The desk cannot be reached. Nothing is lost; try again in a moment.");
    return;
  }
  field.value = "";
  sessionStorage.removeItem(kept(pane));
  typed.delete(idOf(pane));
  put(pane, await response.text());
  down(pane);
  soon("list", refreshList);
});

on("input", ".pane textarea", (_event, field) => {
  const pane = field.closest(".pane"), ticket = idOf(pane);
  sessionStorage.setItem(kept(pane), field.value);
  if (!field.value || field.form.dataset.say !== "say" || Date.now() - (typed.get(ticket) ?? 0) < TYPING) return;
  typed.set(ticket, Date.now());
  line.emit("typing", { ticket });
});

on("click", "[data-chat]", (event, row) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open(Number(row.dataset.chat));
});
on("focusin", ".pane", (_event, pane) => pane.classList.contains("front") || show(pane));
on("click", "[data-back]", (event) => {
  event.preventDefault();
  chats.dataset.view = "list";
  history.replaceState(null, "", "/x/chat/");
  $("[aria-current]", list)?.focus();
});
on("click", "[data-hand-over]", async (_event, button) => {
  const response = await fetch(`/line/${button.dataset.handOver}/give`).catch(() => null);
  if (!response?.ok) return;
  const sheet = $("#sheet");
  sheet.innerHTML = await response.text();
  sheet.showModal();
});

// J and K go through one's chats, in a field with Alt; Enter sends, with Shift it makes a line.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".pane textarea");
  if (field && event.key === "Enter" && !event.shiftKey && !event.altKey && !event.isComposing) {
    event.preventDefault();
    return field.form.requestSubmit();
  }
  if (field && event.key === "Escape") return field.blur();
  const step = { KeyJ: 1, KeyK: -1 }[event.code];
  const elsewhere = event.target.closest?.("input, select, textarea, dialog[open]");
  if (!step || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing || (elsewhere && !(field && event.altKey))) return;
  const rows = $$("[data-chat][data-mine]", list), at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[(at + step + rows.length) % rows.length];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  open(Number(next.dataset.chat));
}, true);

for (const pane of $$(".pane", panes)) dress(pane);
if ($(".pane", panes)) show($(".pane", panes));
line.on("connect", () => front() && read(front()));
