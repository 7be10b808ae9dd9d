// On which tickets this reader has something half-written: known from the page, followed by what is written here and in their
// other windows. Nobody else may know, so it never comes with a row.

import { $, post } from "../js/dom.js";
import { t, time } from "../js/language.js";

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

// Keep what is being written in a form: at the desk, or on this device (under `key`, as `text`) while the desk is out of reach.
export async function store(form, url, data, key, text) {
  const response = await post(url, data).catch(() => null);
  if (response?.ok) localStorage.removeItem(key);
  else localStorage.setItem(key, text);
  $("[data-slot=saved]", form)?.replaceChildren(response?.ok ? t("Draft saved %(time)s", { time: time(Date.now()) }) : t("Kept on this device"));
}
