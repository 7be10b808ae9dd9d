// On which tickets this reader has something half-written: known from the page, followed by what is written here and in their
// other windows. Nobody else may know, so it never comes with a row.

import { $ } from "./dom.js";

const known = new Set(($(".list")?.dataset.drafts ?? "").split(" ").filter(Boolean).map(Number));
const windows = new BroadcastChannel("drafts");

export const drafted = (ticket) => known.has(ticket);

// There is a draft on this ticket now, or none any more.
export function keepDraft(ticket, is) {
  if (known.has(ticket) === is) return;
  mark(ticket, is);
  windows.postMessage({ ticket, is });
}

function mark(ticket, is) {
  if (is) known.add(ticket);
  else known.delete(ticket);
  const slot = $(`#t-${ticket} [data-slot=draft]`);
  if (slot) slot.hidden = !is;
}

windows.onmessage = ({ data }) => mark(data.ticket, data.is);
