// Everything that ticks: promises by the second, "5 minutes ago" by the minute.

import { $$ } from "./dom.js";
import { promise, relative } from "./language.js";

const SOON = 15 * 60;

// Write the times below `root` as they are now.
export function tick(root = document) {
  for (const shown of $$("bdi[data-due]", root)) due(shown);
  for (const shown of $$("bdi[data-ago]", root)) shown.textContent = relative(shown.dataset.ago);
  for (const shown of $$("time[data-ago]", root)) shown.textContent = relative(shown.getAttribute("datetime"));
}

function due(shown) {
  const left = (Date.parse(shown.dataset.due) - Date.now()) / 1000;
  shown.textContent = promise(left);
  shown.closest(".sla").dataset.sla = left < 0 ? "late" : left < SOON ? "soon" : "calm";
}

let seconds = 0;
setInterval(() => {
  seconds += 1;
  if (document.hidden) return;
  if (seconds % 60 === 0) tick();
  else $$("bdi[data-due]").forEach(due);
}, 1000);
tick();
