// Who else looks at a ticket and who writes: in its row and at its head. And whether the desk itself is in reach.

import { $, $$, avatar, element } from "../js/dom.js";
import { digits, t, time, tn } from "../js/language.js";
import { ticket } from "../ticket/thread.js";

const me = Number($("#console").dataset.me);
const PATIENCE = 1500; // a line that is back sooner was never away
let since = 0, shown = 0, ticking = 0, retryAt = 0;

document.addEventListener("live:looking", ({ detail }) => {
  const others = detail.users.filter((user) => user.id !== me);
  const slot = $(`#t-${detail.ticket} [data-slot=looking]`);
  if (slot) fillRow(slot, others);
  if (detail.ticket === ticket()) fillHead(others);
});

const names = (users) => users.map((user) => user.name).join(t(", "));
const circle = (user) => avatar(user.name, "sm live");

function fillRow(slot, users) {
  slot.hidden = !users.length;
  slot.title = users.length ? tn("%(names)s is viewing this too", "%(names)s are viewing this too", users.length, { names: names(users) }) : "";
  slot.replaceChildren(...users.slice(0, 3).map(circle), element("span", { class: "sr" }, slot.title));
}

function fillHead(users) {
  const head = $("#looking");
  if (!head) return;
  head.hidden = !users.length;
  const writers = users.filter((user) => user.writing);
  const text = writers.length ? tn("%(names)s writes", "%(names)s write", writers.length, { names: names(writers) }) : tn("is viewing too", "are viewing too", users.length);
  head.title = users.length ? tn("%(names)s is viewing this too", "%(names)s are viewing this too", users.length, { names: names(users) }) : "";
  head.replaceChildren(element("span", { class: "avatars" }, ...users.slice(0, 3).map(circle)), element("span", { class: "cut" }, text));
}

document.addEventListener("live:off", ({ detail }) => {
  retryAt = detail.retryAt;
  since ||= Date.now();
  shown ||= setTimeout(offline, PATIENCE);
});

document.addEventListener("live:on", () => {
  clearTimeout(shown);
  clearInterval(ticking);
  since = shown = ticking = 0;
  for (const banner of $$(".when-offline, .offline-mark")) banner.hidden = true;
});

document.addEventListener("ticket:opened", () => { if (ticking) offline(); });

function offline() {
  for (const mark of $$(".offline-mark, .when-offline")) mark.hidden = false;
  const text = t("You are offline. This is the desk as of %(time)s; what you write is not lost.", { time: time(since) });
  for (const slot of $$("[data-slot=offline]")) slot.textContent = text;
  countDown();
  ticking ||= setInterval(countDown, 1000);
}

function countDown() {
  const left = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
  for (const slot of $$("[data-slot=retry]")) slot.textContent = t("next try in %(seconds)s s", { seconds: digits(left) });
}
