// The page of the line: asked anew when something in it changed, at most once a second, and every minute for the estimates.

import { $, fire, on } from "../js/dom.js";
import { tick } from "../js/clock.js";
import { morph } from "../js/morphing.js";

const PAUSE = 1000, EVERY = 60_000;
let asked = 0, due = false;

on("click", "[data-sheet]", () => $("#sheet").showModal());
document.addEventListener("live:line", soon);
document.addEventListener("live:on", soon);
setInterval(() => document.hidden || soon(), EVERY);

function soon() {
  if (due) return;
  due = true;
  setTimeout(look, Math.max(0, asked + PAUSE - Date.now()));
}

async function look() {
  due = false;
  asked = Date.now();
  const response = await fetch("/line?part=1").catch(() => null);
  if (!response?.ok) return;
  const place = $("#line"), fresh = place.cloneNode(false);
  fresh.innerHTML = await response.text();
  morph(place, fresh);
  tick(place);
  fire("line:shown");
}
