// Options that the server knows: fetched once when a picker opens, or for each word where it says so (data-asks).

import { $, $$ } from "./dom.js";

// Resolves when the answer to the last question is in its place; a failure is shown there, and what was typed stays.
export async function fetchOptions(box, query) {
  const { source } = box.dataset, holder = $("[data-slot=found]", box), list = $("[role=listbox]", box);
  if (!source || (holder.childElementCount && !("asks" in box.dataset))) return;
  box.asked = (box.asked ?? 0) + 1;
  const mine = box.asked;
  list.ariaBusy = "true";
  const asked = new URL(source, location);
  asked.searchParams.set("q", query);
  const response = await fetch(asked, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (mine !== box.asked) return;
  list.ariaBusy = "false";
  tell(box, !response?.ok);
  if (response?.ok) put(box, holder, await response.text());
}

function tell(box, failed) {
  $("[data-slot=failed]", box).hidden = !failed;
  $("[data-slot=none]", box).hidden = failed;
}

function put(box, holder, page) {
  const known = new Set($$("[role=option]", box).filter((option) => !holder.contains(option)).map((option) => option.value));
  holder.replaceChildren(...new DOMParser().parseFromString(page, "text/html").body.children);
  for (const option of $$("[role=option]", holder)) if (known.has(option.value)) option.remove();
}
