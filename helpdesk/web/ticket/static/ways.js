// How the reply goes out: what is chosen stays with the draft, and what the channel cannot carry is told while it is written.

import { $, $$, fire, on } from "../js/dom.js";
import { showCount } from "./carried.js";

const way = () => $("#way");
const area = () => $("#say-reply textarea");

// What was chosen for the reply, as pairs of names and values.
export const chosen = () => [...new FormData($("#say-reply"))].filter(([name]) => /^(account|visibility|button|template_\w+)$/.test(name));

export const hasTemplate = () => "template" in (way()?.dataset ?? {});

// The way as the draft and the last messages say it now.
export function lookAgain(ticket) {
  if (way()) window.htmx.ajax("GET", `/tickets/${ticket}/way`, { target: "#way", swap: "outerHTML" });
}

// How much of what the channel carries is used; whoever knows more of the channel may say it beside.
export function count() {
  const slot = $("#left");
  if (!slot) return;
  showCount(hasTemplate() ? {} : way().dataset, area(), slot);
  const say = (words) => { slot.textContent = [slot.textContent, words].filter(Boolean).join(" · "); };
  fire("composer:counted", { channel: way().dataset.channel, text: hasTemplate() ? "" : area().value.trim(), say });
}

// The places of a template show what is typed for them.
function fill() {
  for (const input of $$("#way [data-value]")) {
    for (const place of $$(`#way [data-place="${input.dataset.value}"]`)) place.textContent = input.value || `{{${input.dataset.value}}}`;
  }
}

// The window of the chosen way has closed while it was looked at.
document.addEventListener("until:over", ({ detail }) => {
  if (detail.place === "way") lookAgain($("[data-ticket]").dataset.ticket);
});

on("input", "#say-reply textarea", count);
on("input", "#way [data-value]", fill);

// One more quick reply; those that stay empty are left out.
on("click", "[data-act=add-tap]", (_event, more) => {
  const taps = more.closest(".taps"), tap = $("template", taps).content.firstElementChild.cloneNode(true);
  more.before(tap);
  more.hidden = $$("input", taps).length >= Number(taps.dataset.most);
  tap.focus();
});
on("change", "#way .taps input", () => fire("composer:chosen"));

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
