// The open conversation: what comes into sight, what is new in it, and where a change of it leads.

import { $, $$, fire, on } from "../js/dom.js";
import { tick } from "../js/clock.js";
import { t } from "../js/language.js";
import { frames } from "./letters.js";
import { mark } from "../queue/list.js";
import { watchTicket } from "../live/live.js";
import { morph } from "../js/morphing.js";
import { atEnd, takeFocus, toEnd } from "./place.js";
import { noticeNew, openAtNew, watch } from "./reading.js";
import { announce, toast } from "../js/toasts.js";

const main = () => $("[data-ticket]");
export const ticket = () => Number(main()?.dataset.ticket ?? 0);
const highest = (selector, name) => Math.max(0, ...$$(selector).map((item) => Number(item.dataset[name])));

// A conversation came into sight.
function opened() {
  mark(ticket());
  if (!main()) return watchTicket(null);
  document.documentElement.dataset.view = "thread";
  document.title = `${main().dataset.title} – ${t("Hamdel")}`;
  tick($("#ticket"));
  frames();
  openAtNew();
  takeFocus();
  watchTicket(ticket());
  fire("ticket:opened");
}

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
  $("#later").hidden = $("#later", fresh).hidden;
  const stay = atEnd();
  for (const item of [...$(".new-items", fresh).children]) put(item);
  frames($("#thread"));
  tick($("#ticket"));
  if (stay) toEnd();
}

// The head as it is now; a menu that is open in it is looked at again when it closes.
function head(fresh) {
  const looking = $("#looking", $("#ticket-head")).cloneNode(true);
  $("#looking", fresh).replaceWith(looking);
  stale = morph($("#ticket-head"), fresh).length > 0;
}

let stale = false;
document.addEventListener("toggle", ({ target }) => {
  if (stale && target.matches("#ticket-head details:not([open])")) refresh();
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
  if (detail.ticket !== ticket() || detail.kind === "ticket.read") return;
  if (["reply.withdrawn", "note.withdrawn"].includes(detail.kind)) $(`#m-${detail.message}`)?.remove();
  refresh(detail.message ? [detail.message] : []);
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
  if (main()) refresh();
});

// Acts -----------------------------------------------------------------------------------------------------------------

document.addEventListener("ticket:changed", ({ detail }) => refresh(detail.again ? [detail.again] : []));
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
