// The open conversation: what comes into sight, what is new in it, and where a change of it leads.

import { $, $$, fire, on } from "../js/dom.js";
import { tick } from "../js/clock.js";
import { t } from "../js/language.js";
import { frames } from "./letters.js";
import { mark } from "../queue/list.js";
import { connected, watchTicket } from "../live/live.js";
import { morph } from "../js/morphing.js";
import { atEnd, takeFocus, toEnd } from "./place.js";
import { noticeNew, openAtNew, watch } from "./reading.js";
import { announce, toast } from "../js/toasts.js";

const main = () => $("[data-ticket]");
export const ticket = () => Number(main()?.dataset.ticket ?? 0);
const me = $("#console")?.dataset.me;
const highest = (selector, name) => Math.max(0, ...$$(selector).map((item) => Number(item.dataset[name])));

// A conversation came into sight.
function opened() {
  mark(ticket());
  if (!main()) return watchTicket(null);
  document.documentElement.dataset.view = "thread";
  shown = Number(main().dataset.seq);
  if ((lastSeq.get(ticket()) ?? 0) > shown) refresh(); // changed while it was on its way
  document.title = `${main().dataset.title} – ${t("Hamdel")}`;
  tick($("#ticket"));
  frames();
  openAtNew();
  takeFocus();
  watchTicket(ticket());
  fire("ticket:opened");
}

// What is new ----------------------------------------------------------------------------------------------------------

// Up to which event the conversation is shown; the last event of each ticket; who waits for what comes with a change.
let shown = 0, running = null, again = new Set();
const lastSeq = new Map(), PATIENCE = 1000, REMEMBERED = 200;

document.addEventListener("live:items", ({ detail }) => {
  if (detail.ticket !== ticket()) return;
  shown = Math.max(shown, detail.seq);
  show(detail.html, !$("#later").hidden);
  fire("ticket:shown");
});

// What the reader did comes over the line like everybody's changes; without a line, or when it is slow, the desk is asked.
export async function caughtUp({ seq, again: changed }) {
  const end = Date.now() + PATIENCE;
  while (connected() && shown < seq && Date.now() < end) await Promise.race([once("ticket:shown"), wait(end - Date.now())]);
  if (shown < seq) await refresh(changed ? [changed] : []);
}

const once = (name) => new Promise((done) => { document.addEventListener(name, done, { once: true }); });
const wait = (time) => new Promise((done) => { setTimeout(done, time); });

// Fetch new items, the head, and the messages that may have changed; one request at a time.
export async function refresh(changed = []) {
  for (const id of changed) again.add(id);
  if (!main()) return;
  if (running) return running.then(() => refresh());
  running = fetchNew(ticket(), [...again, ...$$(".thread [data-delivery=queued], .thread [data-delivery=sending], .thread [data-delivery=failed], .thread [data-delivery=uncertain]").map((item) => Number(item.dataset.message))]);
  again = new Set();
  await running.finally(() => { running = null; });
}

async function fetchNew(id, changed) {
  const asked = new URLSearchParams({ after: highest(".thread [data-message]", "message"), event: highest(".thread [data-seq]", "seq"), again: changed.join(",") });
  const response = await fetch(`/tickets/${id}/items?${asked}`).catch(() => null);
  const text = response?.ok ? await response.text() : "";
  if (!text || id !== ticket()) return; // another ticket was opened meanwhile
  $("#later").hidden = $("#later", show(text)).hidden;
}

// Put the head and the items of an answer, or of a change, in their places; behind a gap only those that are here already.
function show(text, gap = false) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const own of $$("[data-only-for]", fresh)) if (own.dataset.onlyFor !== me) own.remove();
  head($("#ticket-head", fresh));
  const stay = atEnd();
  for (const item of [...$(".new-items", fresh).children]) if (!gap || document.getElementById(item.id)) put(item);
  frames($("#thread"));
  tick($("#ticket"));
  if (stay) toEnd();
  return fresh;
}

// The head as it is now; a menu that is open in it follows when it closes.
function head(fresh) {
  if (fresh.dataset.assignee === me) $("[data-act=take]", fresh)?.remove();
  const whole = fresh.cloneNode(true), looking = $("#looking", $("#ticket-head")).cloneNode(true);
  $("#looking", fresh).replaceWith(looking);
  stale = morph($("#ticket-head"), fresh).length ? whole : null;
}

let stale = null;
document.addEventListener("toggle", ({ target }) => {
  if (stale && target.matches("#ticket-head details:not([open])")) head(stale);
}, true);

function put(item) {
  const known = item.id && document.getElementById(item.id);
  if (item.matches(".rule") && $(`.thread > .rule[data-day="${item.dataset.day}"]`)) return;
  if (known) morph(known, item);
  else append(item);
}

function append(item) {
  $("#thread").append(item);
  window.htmx.process(item);
  if (item.dataset.kind === "in") {
    announce(item.getAttribute("aria-label"));
    noticeNew(item);
  }
  if (item.dataset.message) fire("ticket:new", item.dataset);
}

document.addEventListener("live:changed", ({ detail }) => {
  lastSeq.delete(detail.ticket);
  lastSeq.set(detail.ticket, detail.seq);
  if (lastSeq.size > REMEMBERED) lastSeq.delete(lastSeq.keys().next().value);
  if (detail.ticket !== ticket() || detail.kind === "ticket.read") return;
  if (["reply.withdrawn", "note.withdrawn"].includes(detail.kind)) $(`#m-${detail.message}`)?.remove();
  if (detail.seq > shown) refresh(detail.message ? [detail.message] : []); // it came without its items
});

document.addEventListener("live:gone", ({ detail }) => {
  const mine = $("#ticket-head .htmx-request"); // the answer to one's own act leads on by itself
  if (detail.ticket !== ticket() || mine) return;
  $("#ticket").replaceChildren($("#nothing").content.cloneNode(true));
  history.replaceState({}, "", $(".list").dataset.url);
  toast(t("You no longer see this ticket."));
  opened();
});

document.addEventListener("live:on", () => {
  watchTicket(ticket() || null);
});

// Acts -----------------------------------------------------------------------------------------------------------------

document.addEventListener("ticket:changed", ({ detail }) => caughtUp(detail));
document.addEventListener("sla:turned", ({ detail }) => announce(detail === "late" ? t("The promised time of this ticket is over.") : t("The promised time of this ticket ends soon.")));

on("click", "[data-act=later]", () => refresh());
on("click", "[data-act=copy-number]", (_event, button) => copy(`#${button.dataset.number}`));
on("click", "[data-act=copy-link]", () => copy(`${location.origin}/tickets/${ticket()}`));

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(t("Copied: %(text)s", { text }));
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id === "ticket") opened();
  if (detail.elt?.closest?.(".thread")) {
    frames($("#thread"));
    onceADay();
    watch();
  }
});

// An earlier page may end on the day with which the shown one began.
function onceADay() {
  const days = new Set();
  for (const rule of $$(".thread > .rule[data-day]")) {
    if (days.has(rule.dataset.day)) rule.remove();
    days.add(rule.dataset.day);
  }
}

opened();
