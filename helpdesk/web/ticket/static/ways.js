// How the reply goes out: what is chosen stays with the draft, and what the channel cannot carry is told while it is written.

import { $, $$, fire, on } from "../js/dom.js";
import { number, t, tn } from "../js/language.js";

const way = () => $("#way");
const area = () => $("#say-reply textarea");

// What was chosen for the reply, as pairs of names and values.
export const chosen = () => [...new FormData($("#say-reply"))].filter(([name]) => /^(account|visibility|template_\w+)$/.test(name));

export const hasTemplate = () => "template" in (way()?.dataset ?? {});

// The way as the draft and the last messages say it now.
export function lookAgain(ticket) {
  if (way()) window.htmx.ajax("GET", `/tickets/${ticket}/way`, { target: "#way", swap: "outerHTML" });
}

// Why a file cannot go this way; "" for one that can.
export function refusedFile({ name, size, type }) {
  const { most, each, types } = way()?.dataset ?? {};
  if (most === "0") return t("This channel carries no files.");
  const fits = !types || types.split(" ").some((kind) => kind === type || (kind.endsWith("/*") && type.startsWith(kind.slice(0, -1))));
  if (!fits) return t("This channel does not carry files like %(name)s.", { name });
  return Number(each) && size > Number(each) ? t("The file %(name)s is too large for this channel.", { name }) : "";
}

// How many characters of those the channel carries are used. The server counts the same, and decides.
export function count() {
  const most = Number(way()?.dataset.mostChars), slot = $("#left");
  if (!slot) return;
  const used = [...area().value.trim()].length, over = used > most;
  slot.textContent = !most || hasTemplate() ? "" : over ? tn("%(num)s character too many", "%(num)s characters too many", used - most) : `${number(used)} / ${number(most)}`;
  slot.classList.toggle("danger", over && !!most);
  area().ariaInvalid = String(over && !!most);
  const say = (words) => { slot.textContent = [slot.textContent, words].filter(Boolean).join(" · "); };
  fire("composer:counted", { channel: way().dataset.channel, text: hasTemplate() ? "" : area().value.trim(), say });
}

// The places of a template show what is typed for them.
function fill() {
  for (const input of $$("#way [data-value]")) {
    for (const place of $$(`#way [data-place="${input.dataset.value}"]`)) place.textContent = input.value || `{{${input.dataset.value}}}`;
  }
}

on("input", "#say-reply textarea", count);
on("input", "#way [data-value]", fill);

// A way was chosen: one goes on writing.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id !== "way") return;
  count();
  fill();
  if (detail.requestConfig.verb !== "post") return;
  ($("#way [data-value]") ?? area()).focus();
  fire("composer:chosen"); // it is kept with the draft
});

document.addEventListener("ticket:opened", () => { count(); fill(); });
