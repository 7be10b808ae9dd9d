// A part of the page takes the shape of a fresh copy (idiomorph): focus, frames and open menus stay as they are.

import { $$ } from "./dom.js";

const OPEN = "details.drop[open]";

// Morph `old` into `fresh`; returns the menus that were open and hence left alone.
export function morph(old, fresh) {
  const left = $$(OPEN, old);
  window.Idiomorph.morph(old, fresh, {
    ignoreActiveValue: true,
    callbacks: {
      beforeNodeMorphed: (node, next) => !(node.matches?.(OPEN) || (node.matches?.("iframe") && node.dataset.src === next.dataset?.src)),
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches("details")),
    },
  });
  window.htmx.process(document.getElementById(fresh.id) ?? old);
  return left;
}
