// The place in the conversation: it takes the focus and is kept when earlier messages come in above it.

import { $, $$, on } from "../js/dom.js";
import { layer } from "../js/layers.js";

export const scroller = () => $(".thread-scroll");
export const atEnd = () => scroller().scrollHeight - scroller().scrollTop - scroller().clientHeight < 80;
export const toEnd = () => { scroller().scrollTop = scroller().scrollHeight; };

// Space, arrows and Page keys belong to the conversation once it is open, unless somebody writes or chooses.
export function takeFocus() {
  const elsewhere = document.activeElement?.closest(".composer, .side, input, textarea");
  if (!elsewhere && !layer()) scroller()?.focus({ preventScroll: true });
}

document.addEventListener("keydown", ({ target, key }) => {
  if (target === document.body && !layer() && ["PageUp", "PageDown", "Home", "End", " "].includes(key)) scroller()?.focus({ preventScroll: true });
}, true);

let held = null; // the first message that was shown, and where it stood

on("htmx:beforeSwap", ".thread", () => {
  const first = $$(".thread [data-message]").find((item) => item.getBoundingClientRect().bottom > scroller().getBoundingClientRect().top);
  held = first && { first, top: first.getBoundingClientRect().top };
});
on("htmx:afterSwap", ".thread", () => {
  if (held?.first.isConnected) scroller().scrollTop += held.first.getBoundingClientRect().top - held.top;
  held = null;
});
