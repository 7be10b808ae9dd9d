// The console: its list, the open conversation, the composer, who else is here. Each module listens for what concerns it.

import { $, on } from "../js/dom.js";
import "../live/live.js";
import "./list.js";
import "./selection.js";
import "../ticket/thread.js";
import "../ticket/merging.js";
import "../ticket/composer.js";
import "../ticket/opening.js";
import "./plugin_actions.js";
import "../live/viewers.js";
import "../live/signals.js";
import "../ticket/tools.js";
import "../ticket/ways.js";

const SLOW = 150; // milliseconds; the old content stays until then
let loading = 0;

// On a phone one pane is in front; "back" shows the one before.
on("click", "[data-show]", (_event, button) => { document.documentElement.dataset.view = button.dataset.show; });
on("click", ".tickets a.ticket-row", () => { document.documentElement.dataset.view = "thread"; });
on("click", "[data-sheet]", () => $("#sheet").showModal());

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "ticket") loading = setTimeout(() => detail.target.replaceChildren($("#loading").content.cloneNode(true)), SLOW);
});
document.addEventListener("htmx:afterRequest", () => clearTimeout(loading));
