// Several rows chosen: by their boxes, by key, by touch; and the bar of what can be done to all of them in one request.
//
// What is chosen stands in the rows themselves, so a row that leaves the list is chosen no longer, and one that changes stays so.

import { $, $$, element, on, post } from "../js/dom.js";
import { t, tn } from "../js/language.js";
import { problem, toast } from "../js/toasts.js";

const MOST = 100;
const REST = 500, SLACK = 6; // milliseconds; pixels a resting finger may move at once
const bar = $("#selection"), list = $(".list");
const rows = () => $$(".tickets > li[data-id]");
const box = (row) => $(".choose input", row);
const chosen = () => rows().filter((row) => box(row).checked);
const open = () => $(".tickets [aria-current]")?.closest("li");
const again = (row) => (row && !row.isConnected ? document.getElementById(row.id) : row); // a change may draw a row anew
let anchor = null, head = null, asked = null;

function choose(row, on_) {
  if (on_ && !box(row).checked && chosen().length >= MOST) return toast(t("At most %(most)s tickets can be selected at once.", { most: MOST }));
  box(row).checked = on_;
  show();
}

function clear() {
  for (const row of chosen()) box(row).checked = false;
  anchor = null;
  touching(false);
  show();
}

// The row that a key is meant for: where the focus or the open ticket is, else where the last one was chosen, else the first.
function here() {
  return document.activeElement?.closest?.(".tickets > li[data-id]") ?? open() ?? again(head) ?? rows()[0];
}

document.addEventListener("select:toggle", () => {
  const row = here();
  if (!row) return;
  anchor = head = row;
  choose(row, !box(row).checked);
});
document.addEventListener("select:next", () => extend(1));
document.addEventListener("select:previous", () => extend(-1));
document.addEventListener("select:clear", clear);

// One row further; going back towards where it began takes the last one out again.
function extend(step) {
  const all = rows(), from = (chosen().length && again(head)) || here();
  if (!from) return;
  if (!box(from).checked) {
    anchor = head = from;
    return choose(from, true);
  }
  const at = all.indexOf(from), next = all[at + step];
  if (!next) return;
  anchor = again(anchor) ?? from;
  const back = box(next).checked && (all.indexOf(anchor) - at) * step > 0;
  choose(back ? from : next, !back);
  head = next;
  box(next).focus();
}

// By pointer and touch ---------------------------------------------------------------------------------------------------

on("click", ".choose", (event, label) => {
  const row = label.closest("li"), input = box(row);
  if (event.target !== input) return;
  if (event.shiftKey && again(anchor)) between(again(anchor), row, input.checked);
  else anchor = row;
  head = row;
  if (chosen().length > MOST) input.checked = false;
  show();
});

function between(first, last, checked) {
  const all = rows(), [from, to] = [all.indexOf(first), all.indexOf(last)].sort((a, b) => a - b);
  for (const row of all.slice(from, to + 1).slice(0, MOST)) box(row).checked = checked;
}

function touching(now) {
  list.classList.toggle("choosing", now);
  $("[data-act=choose]")?.setAttribute("aria-pressed", String(now));
}

// A long press on a row selects it; from then on taps select.
let resting = 0, rested = false;

on("pointerdown", ".tickets a.ticket-row", (event, link) => {
  rested = false;
  lift();
  if (event.pointerType === "touch") resting = setTimeout(() => settle(link.closest("li")), REST);
});
for (const gone of ["pointerup", "pointercancel", "pointermove"]) on(gone, ".tickets", (event) => (gone === "pointermove" && !moved(event)) || lift());
on("contextmenu", ".tickets a.ticket-row", (event) => event.pointerType === "touch" && event.preventDefault());

const lift = () => clearTimeout(resting);
const moved = ({ movementX, movementY }) => Math.abs(movementX) + Math.abs(movementY) > SLACK;

function settle(row) {
  rested = true;
  touching(true);
  anchor = head = row;
  choose(row, true);
}

on("click", "[data-act=choose]", () => (list.classList.contains("choosing") ? clear() : touching(true)));
document.addEventListener("click", (event) => {
  const row = list.classList.contains("choosing") && event.target.closest?.(".tickets a.ticket-row")?.closest("li");
  if (!row) return;
  event.preventDefault();
  event.stopPropagation();
  if (rested) { // the finger goes up again
    rested = false;
    return;
  }
  anchor = head = row;
  choose(row, !box(row).checked);
}, true);

// The bar ------------------------------------------------------------------------------------------------------------------

function show() {
  const count = chosen().length;
  list.classList.toggle("selecting", count > 0);
  bar.hidden = !count;
  if (count && !asked) asked = fetchBar();
  if (count) tell(count);
}

async function fetchBar() {
  const response = await fetch(bar.dataset.url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) {
    asked = null;
    return problem(response?.status ?? 0);
  }
  bar.replaceChildren(...new DOMParser().parseFromString(await response.text(), "text/html").body.children);
  show();
}

function tell(count) {
  const shown = $("[data-slot=count]", bar);
  if (!shown) return;
  shown.textContent = tn("%(num)s selected", "%(num)s selected", count);
  $("[data-act=merge-selected]", bar).disabled = count < 2;
}

new MutationObserver(show).observe($(".tickets"), { childList: true });

on("submit", "#selection form", (event, form) => {
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  form.closest("details")?.removeAttribute("open");
  form.reset();
  send(Object.fromEntries(data));
});
on("click", "[data-act=clear-selection]", clear);
on("click", "[data-act=select-shown]", () => {
  for (const row of rows().slice(0, MOST)) box(row).checked = true;
  show();
});

async function send(data) {
  const tickets = chosen().map((row) => row.dataset.id).join(",");
  const response = await post(bar.dataset.url, { ...data, tickets }).catch(() => null);
  if (response?.status === 409) return ask(await response.json(), data);
  if (!response?.ok) return problem(response?.status ?? 0, await response?.text());
  const { sentence, done, left } = await response.json();
  for (const row of chosen()) box(row).checked = left.includes(Number(row.dataset.id));
  if (!left.length) touching(false);
  if (head?.isConnected && bar.contains(document.activeElement)) box(head).focus(); // the bar goes away
  show();
  toast(sentence, { tone: done.length ? "" : "danger", seconds: left.length ? 12 : 6 });
}

// A question before something that is seldom meant.
function ask({ sentence }, data) {
  const sheet = $("#sheet"), yes = element("button", { class: "btn primary", type: "button" }, t("Merge all the same"));
  yes.addEventListener("click", () => { sheet.close(); send({ ...data, sure: "1" }); });
  sheet.replaceChildren(element("div", { class: "dialog" },
    element("header", { class: "head" }, element("h2", {}, t("Merge tickets of different customers?"))),
    element("div", { class: "body" }, element("p", {}, sentence)),
    element("footer", { class: "foot" }, element("button", { class: "btn", type: "button", "data-close": "" }, t("Cancel")), yes)));
  sheet.showModal();
}

show();
