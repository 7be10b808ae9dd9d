// The buttons that plugins put into the composer and the ticket's menu: each fires an event for the page's scripts, with a function that inserts text at the cursor.

import { $, $$, fire, on } from "../js/dom.js";

const ticket = () => Number($("[data-ticket]")?.dataset.ticket ?? 0);

on("click", "[data-tool]", (_event, button) => {
  const mode = button.form?.dataset.mode ?? "ticket", area = $("textarea", button.form ?? $("#say-reply"));
  button.closest("details")?.removeAttribute("open");
  fire("composer:tool", { tool: button.dataset.tool, ticket: ticket(), mode, insert: (text) => insert(area, text) });
});

// Each once, as the palette names it: those of what is being written, then those of the ticket.
export function tools() {
  const shown = $$(`#say-${$("#composer")?.dataset.mode} [data-tool], #menu-more [data-tool]`);
  return [...new Map(shown.reverse().map((button) => [button.dataset.tool, button])).values()].reverse();
}

function insert(area, text) {
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true })); // it is kept as a draft
}
