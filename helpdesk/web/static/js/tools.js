// The buttons that plugins put into the composer: each is told to the page's scripts, with a way to write where the cursor is.

import { $, fire, on } from "./dom.js";
import { ticket } from "./thread.js";

on("click", "#composer [data-tool]", (_event, button) => {
  const area = $("textarea", button.form), mode = $("#composer").dataset.mode;
  fire("composer:tool", { tool: button.dataset.tool, ticket: ticket(), mode, insert: (text) => insert(area, text) });
});

function insert(area, text) {
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true })); // it is kept as a draft
}
