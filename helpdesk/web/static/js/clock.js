// Everything that ticks: SLA targets by the second, "5 minutes ago" by the minute.

import { $$, fire } from "./dom.js";
import { timeLeft, relative } from "./language.js";

const SOON = 15 * 60;

// Write the times below `root` as they are now.
export function tick(root = document) {
  for (const shown of $$("bdi[data-due]", root)) due(shown);
  $$("bdi[data-until]", root).forEach(until);
  for (const shown of $$("bdi[data-ago]", root)) shown.textContent = relative(shown.dataset.ago);
  for (const shown of $$("time[data-ago]", root)) shown.textContent = relative(shown.getAttribute("datetime"));
}

function due(shown) {
  const left = (Date.parse(shown.dataset.due) - Date.now()) / 1000;
  const chip = shown.closest(".sla"), before = chip.dataset.sla, now = left < 0 ? "late" : left < SOON ? "soon" : "calm";
  shown.textContent = timeLeft(left);
  chip.dataset.sla = now;
  if (before !== now && now !== "calm" && chip.closest("#ticket-head")) fire("sla:turned", now);
}

// Time that runs out: once it has, whoever shows it is told.
function until(shown) {
  const left = (Date.parse(shown.dataset.until) - Date.now()) / 1000;
  if (left > 0) {
    shown.textContent = timeLeft(left);
    return;
  }
  shown.removeAttribute("data-until");
  fire("until:over", { place: shown.closest("[id]")?.id });
}

let seconds = 0;
setInterval(() => {
  seconds += 1;
  if (document.hidden) return;
  if (seconds % 60 === 0) tick();
  else {
    $$("bdi[data-due]").forEach(due);
    $$("bdi[data-until]").forEach(until);
  }
}, 1000);
tick();
