// One row of the list, filled from the plain data that pages and live updates share, by this reader's language and digits.

import { $, element, setIcon } from "./dom.js";
import { digits, number, t } from "./language.js";
import { tick } from "./clock.js";
import { drafted } from "./drafts.js";

const PRIORITIES = { high: t("High"), urgent: t("Urgent") };
const STATUSES = { open: t("Open"), pending: t("Pending"), waiting: t("Waiting for customer"), solved: t("Solved"), closed: t("Closed") };
const TAGS = 2;

// A new row.
export function make(row) {
  const item = $("#row").content.firstElementChild.cloneNode(true);
  $("a", item).href = `/tickets/${row.id}${$("a", item).getAttribute("href").replace(/^[^?]*/, "")}`;
  fill(item, row);
  return item;
}

// Write what a row says into its slots; a slot with nothing to say is hidden.
export function fill(item, row) {
  const slot = (name) => $(`[data-slot=${name}]`, item);
  const say = (name, text) => { slot(name).textContent = text ?? ""; slot(name).hidden = !text; };
  item.id = `t-${row.id}`;
  item.dataset.id = row.id;
  item.dataset.due = row.due_at ?? "";
  if (row.rests_until) item.dataset.rests = row.rests_until;
  else delete item.dataset.rests;
  $(".choose input", item).setAttribute("aria-label", `${t("Select")} #${digits(row.number)}`);
  $("a", item).classList.toggle("unread", row.unread > 0);
  say("name", row.customer.name || " ");
  say("unread", row.unread ? number(row.unread) : "");
  say("subject", row.subject || row.preview || " ");
  say("preview", row.subject ? row.preview : "");
  say("number", `#${digits(row.number)}`);
  say("priority", PRIORITIES[row.priority]);
  say("queue", row.queue.name);
  say("assignee", row.assignee?.name);
  channel(slot("channel"), row.channel);
  status(slot("status"), row.status);
  promise(slot("promise"), row);
  slot("tags").replaceChildren(...row.tags.slice(0, TAGS).map((tag) => element("bdi", { class: "tag" }, tag)));
  slot("tags").hidden = !row.tags.length;
  slot("draft").hidden = !drafted(row.id);
}

function channel(holder, name) {
  const symbol = JSON.parse($(".list").dataset.icons)[name] ?? "form";
  holder.className = `ch-${symbol}`;
  setIcon(holder, symbol);
}

function status(holder, name) {
  holder.className = `st-${name}`;
  holder.title = STATUSES[name];
  setIcon(holder, `st-${name}`);
}

function promise(holder, row) {
  const running = row.due_at && !row.rests_until;
  const shown = element("bdi", running ? { "data-due": row.due_at } : { "data-ago": row.rests_until ?? row.updated_at });
  holder.dataset.sla = running ? "calm" : "paused";
  setIcon(holder, running ? "timer" : row.rests_until ? "snooze" : { waiting: "pause", pending: "pause", open: "clock" }[row.status] ?? "check");
  $("bdi", holder).replaceWith(shown);
  tick(holder);
}
