// The console: its list, the open conversation, the composer, who else is here. Each module listens for what concerns it.

import { $, on } from "./dom.js";
import "./live.js";
import "./list.js";
import "./selection.js";
import "./thread.js";
import "./merging.js";
import "./composer.js";
import "./opening.js";
import "./plugin_actions.js";
import "./presence.js";
import "./signals.js";
import "./tools.js";

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
