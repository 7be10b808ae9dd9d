// What is unread: a line above the first of it, and the server learns of each message that came into view.

import { $, $$, element, post } from "../js/dom.js";
import { t } from "../js/language.js";
import { tellRead } from "../live/live.js";
import { scroller, toEnd } from "./place.js";

const PAUSE = 400;
const main = () => $("[data-ticket]");
const first = () => $(`.thread [data-message="${main().dataset.firstUnread}"]`);
let upto = 0, telling = 0;

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) saw(target);
}, { threshold: 0 });

function saw(item) {
  observer.unobserve(item);
  upto = Math.max(upto, Number(item.dataset.message));
  clearTimeout(telling);
  telling = setTimeout(tell, PAUSE);
}

function tell() {
  if (document.hidden || !main() || !Number(main().dataset.unread)) return;
  const { ticket } = main().dataset;
  if (!tellRead(Number(ticket), upto)) post(`/tickets/${ticket}/read`, { upto }).catch(() => null);
}

// Notice the customer's messages of the open conversation, from the first unread one on.
export function watch() {
  const from = Number(main().dataset.firstUnread);
  for (const item of $$(".thread [data-kind=in]")) if (from && Number(item.dataset.message) >= from) observer.observe(item);
}

// One that came while the conversation is open.
export function noticeNew(item) {
  main().dataset.unread = Number(main().dataset.unread) + 1;
  main().dataset.firstUnread ||= item.dataset.message;
  observer.observe(item);
}

// A conversation opens at its first unread message, else at its end.
export function openAtNew() {
  upto = 0;
  observer.disconnect();
  const item = first();
  if (item) item.before(element("div", { class: "rule new" }, t("New")));
  const rule = $(".rule.new");
  if (rule) scroller().scrollTop += rule.getBoundingClientRect().top - scroller().getBoundingClientRect().top - 8;
  else toEnd();
  watch();
}

document.addEventListener("visibilitychange", () => { if (!document.hidden && upto) tell(); });
