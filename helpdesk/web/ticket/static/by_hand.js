// Messages that a person carries out: the newest one that waits is a key away, and a digit enters what came of it.

import { $, $$, on, typing } from "../js/dom.js";
import { openMenu } from "../js/layers.js";

export const byHand = () => $$(".thread [data-by-hand]").at(-1);

// Lead to the buttons of the newest one, or press the one of this code.
export function enterOutcome(code = "") {
  const box = byHand(), button = $(code ? `button[value="${code}"]` : "button[name=code]", box);
  box.scrollIntoView({ block: "nearest" });
  if (!button) openMenu($("details.drop", box).id); // it needs a time
  else if (code) button.click();
  else button.focus();
}

// What can be entered, for the palette.
export const outcomes = () => $$("button[name=code], .promised", byHand() ?? document.createElement("i"))
  .map((button) => ({ label: button.title, symbol: "phone", run: () => enterOutcome(button.value ?? "promised") }));

on("keydown", "[data-by-hand]", (event, box) => {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = $(`[data-digit="${event.code.replace("Digit", "")}"]`, box);
  if (!button) return;
  event.preventDefault();
  button.click();
});
