// Formatted messages: each in a frame of its own height; shortcuts work inside it.

import { $, $$, on } from "../js/dom.js";
import { listen } from "../keys/keys.js";
import { atEnd, toEnd } from "./place.js";

const TALLEST = 20_000; // pixels; a taller letter scrolls in its frame

const listening = new WeakSet(); // documents whose keys we hear

export function frames(root = document) {
  for (const frame of $$("iframe.letter-body", root)) {
    if (listening.has(frame)) continue;
    listening.add(frame);
    frame.addEventListener("load", () => shown(frame));
    if (frame.contentDocument?.readyState === "complete") shown(frame);
  }
}

// No script of a message runs; the frame is measured and its key presses are handled here.
function shown(frame) {
  if (frame.contentDocument && !listening.has(frame.contentDocument)) {
    listening.add(frame.contentDocument);
    listen(frame.contentDocument);
  }
  fit(frame);
}

function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const measure = () => {
    const stay = atEnd();
    frame.style.blockSize = `${Math.min(frame.contentDocument.documentElement.offsetHeight + 2, TALLEST)}px`;
    if (stay && !$(".rule.new")) toEnd();
  };
  new ResizeObserver(measure).observe(body);
  measure();
}

on("click", "[data-act=remote]", (_event, button) => {
  const item = button.closest(".item"), frame = $("iframe.letter-body", item);
  frame.src = `${frame.dataset.src}?remote=1`;
  button.closest(".banner").remove();
});
