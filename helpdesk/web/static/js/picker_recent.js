// What was chosen lately in a picker that has many options: copies of those options, above the rest. Kept on this device.

import { $, $$ } from "./dom.js";

const MOST = 3, ENOUGH = 6; // shorter lists are seen whole
const key = (box) => `recent:${box.dataset.recent}`;
const recent = (box) => JSON.parse(localStorage.getItem(key(box)) ?? "[]");

export function keep(box, { value }) {
  if (!box.dataset.recent || !value) return;
  localStorage.setItem(key(box), JSON.stringify([value, ...recent(box).filter((other) => other !== value)].slice(0, MOST)));
}

export function showRecent(box) {
  const group = $(".recent", box);
  if (!group) return;
  for (const copy of $$("[role=option]", group)) copy.remove();
  const options = $$("[role=option]", box);
  if (options.length > ENOUGH) group.append(...recent(box).map((value) => options.find((option) => option.value === value)?.cloneNode(true)).filter(Boolean));
}
