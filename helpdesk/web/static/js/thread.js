// The open conversation: where it opens, what is new in it, formatted messages in frames of their own height.

import { $, $$, act, element, fire, on, post } from "./dom.js";
import { listen } from "./keys.js";
import { t } from "./language.js";
import { mark } from "./list.js";
import { look } from "./live.js";
import { tick } from "./clock.js";
import { announce, toast } from "./toasts.js";

const main = () => $("[data-ticket]");
export const ticket = () => Number(main()?.dataset.ticket ?? 0);
const scroller = () => $(".thread-scroll");
const atEnd = () => scroller().scrollHeight - scroller().scrollTop - scroller().clientHeight < 80;
const highest = (selector, name) => Math.max(0, ...$$(selector).map((item) => Number(item.dataset[name])));

// A conversation came into sight.
function opened() {
  mark(ticket());
  if (!main()) return look(null);
  document.documentElement.dataset.view = "thread";
  document.title = `${main().dataset.title} – ${t("Hamdel")}`;
  tick($("#ticket"));
  frames();
  ruleNew(Number(main().dataset.unread));
  look(ticket());
  if (Number(main().dataset.unread)) tellRead();
  fire("ticket:opened");
}

const tellRead = () => post(`/tickets/${ticket()}/read`).catch(() => null);

// A line above what nobody has read yet; the conversation opens there, else at its end.
function ruleNew(unread) {
  const inbound = $$(".thread [data-kind=in]"), first = unread && inbound.at(-Math.min(unread, inbound.length));
  if (first) first.before(element("div", { class: "rule new" }, t("New")));
  const rule = $(".rule.new");
  if (rule && rule.offsetTop < scroller().scrollHeight - scroller().clientHeight) rule.scrollIntoView({ block: "start" });
  else scroller().scrollTop = scroller().scrollHeight;
}

// Formatted messages -------------------------------------------------------------------------------------------------

const heard = new WeakSet(); // documents whose keys we hear

function frames(root = document) {
  for (const frame of $$("iframe.letter-body", root)) {
    frame.addEventListener("load", () => shown(frame));
    if (frame.contentDocument?.readyState === "complete") shown(frame);
  }
}

// Nothing of a letter runs; we measure it and hear the keys pressed in it.
function shown(frame) {
  if (frame.contentDocument && !heard.has(frame.contentDocument)) {
    heard.add(frame.contentDocument);
    listen(frame.contentDocument);
  }
  fit(frame);
}

function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const measure = () => {
    const stay = atEnd();
    frame.style.blockSize = `${frame.contentDocument.documentElement.offsetHeight + 2}px`;
    if (stay && !$(".rule.new")) scroller().scrollTop = scroller().scrollHeight;
  };
  new ResizeObserver(measure).observe(body);
  measure();
}

on("click", "[data-act=remote]", (_event, button) => {
  const item = button.closest(".item"), frame = $("iframe.letter-body", item);
  frame.src = `${frame.dataset.src}?remote=1`;
  button.closest(".banner").remove();
});

// What is new ----------------------------------------------------------------------------------------------------------

let running = null, again = new Set();

// Fetch new items, the head, and the messages that may have changed; one request at a time.
export async function refresh(changed = []) {
  for (const id of changed) again.add(id);
  if (!main()) return;
  if (running) return running.then(() => refresh());
  running = fetchNew(ticket(), [...again, ...$$(".thread [data-delivery=queued], .thread [data-delivery=sending], .thread [data-delivery=failed]").map((item) => Number(item.dataset.message))]);
  again = new Set();
  await running.finally(() => { running = null; });
}

async function fetchNew(id, changed) {
  const asked = new URLSearchParams({ after: highest(".thread [data-message]", "message"), event: highest(".thread [data-seq]", "seq"), again: changed.join(",") });
  const response = await fetch(`/tickets/${id}/items?${asked}`).catch(() => null);
  const text = response?.ok ? await response.text() : "";
  if (!text || id !== ticket()) return; // another ticket was opened meanwhile
  const fresh = new DOMParser().parseFromString(text, "text/html");
  head($("#ticket-head", fresh));
  const stay = atEnd();
  for (const item of [...$(".new-items", fresh).children]) put(item);
  frames($("#thread"));
  tick($("#ticket"));
  if (stay) scroller().scrollTop = scroller().scrollHeight;
}

function head(fresh) {
  const old = $("#ticket-head"), open = $$("details[open]", old).map((menu) => menu.id);
  if (old.contains(document.activeElement) && open.length) return;
  const looking = $("#looking", old);
  old.replaceWith(fresh);
  $("#looking").replaceWith(looking);
  window.htmx.process(fresh);
}

function put(item) {
  const known = item.id && document.getElementById(item.id);
  if (item.matches(".rule") && $(`.thread > .rule[data-day="${item.dataset.day}"]`)) return;
  if (known) known.replaceWith(item);
  else $("#thread").append(item);
  window.htmx.process(item);
  if (!known && item.dataset.kind === "in") {
    announce(item.getAttribute("aria-label"));
    tellRead();
  }
  if (!known && item.dataset.message) fire("ticket:new", item.dataset);
}

document.addEventListener("live:changed", ({ detail }) => {
  if (detail.ticket !== ticket() || detail.kind === "ticket.read") return;
  if (detail.kind === "reply.withdrawn") $(`#m-${detail.message}`)?.remove();
  refresh(detail.message ? [detail.message] : []);
});

document.addEventListener("live:gone", ({ detail }) => {
  const mine = $("#ticket-head .htmx-request"); // the answer to one's own act leads on by itself
  if (detail.ticket === ticket() && !mine) location.assign("/");
});

document.addEventListener("live:on", () => {
  look(ticket() || null);
  if (main()) refresh();
});

// Acts -----------------------------------------------------------------------------------------------------------------

document.addEventListener("ticket:changed", ({ detail }) => refresh(detail.again ? [detail.again] : []));
document.addEventListener("ticket:merged", ({ detail }) => {
  $("#sheet").close();
  toast(t("The two tickets are one now."), { undo: { label: t("Undo"), run: () => act(detail.undo) } });
  window.htmx.ajax("GET", detail.url, { target: "#ticket", swap: "innerHTML" }).then(() => history.pushState({}, "", detail.url));
});

document.addEventListener("promise:turned", ({ detail }) => announce(detail === "late" ? t("The promised time of this ticket is over.") : t("The promised time of this ticket ends soon.")));

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
