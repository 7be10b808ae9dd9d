// The keyboard, by physical key: a Persian layout changes nothing. Never while text is being composed or with AltGraph held.

import { actions, keysOf, possible } from "./actions.js";
import { $, element, fire, typing } from "./dom.js";

const PREFIX = "KeyG", PATIENCE = 1200;
let prefixed = 0;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.getModifierState("AltGraph") || event.defaultPrevented) return;
  const run = find(event);
  if (run) {
    event.preventDefault();
    run();
  }
});

function find(event) {
  const command = event.ctrlKey || event.metaKey;
  if (command) return withCommand(event);
  if ($("dialog[open]")) return null;
  const inside = typing(event.target);
  if (event.key === "Escape" && inside) return () => event.target.blur();
  if (inside !== event.altKey) return null;
  if (!inside && (event.key === "?" || (event.code === "Slash" && event.shiftKey))) return named("keys");
  if (!inside && event.code === PREFIX) return () => { prefixed = Date.now(); };
  const after = !inside && Date.now() - prefixed < PATIENCE ? PREFIX : undefined;
  prefixed = 0;
  return matching(event, inside, after)?.run;
}

function withCommand(event) {
  if (event.altKey) return null;
  if (event.code === "KeyK") return () => ($("#palette").open ? $("#palette").close() : named("palette")());
  if (event.code === "Slash") return named("keys");
  if (event.code === "Period" && !typing(event.target)) return named("copy-link");
  if (event.key === "Enter" && event.target.closest(".composer")) return () => fire("composer:send");
  return null;
}

function matching(event, inside, after) {
  return actions.find((action) => action.code === event.code && !!action.shift === event.shiftKey && action.after === after
    && !(inside && action.inside === false) && possible(action));
}

const named = (id) => actions.find((action) => action.id === id).run;

for (const action of actions) {
  const { outside, inside } = keysOf(action);
  const cap = (text) => element("dd", {}, ...(text ? [element("kbd", { class: "key" }, text)] : []));
  if (outside) $("#keys-list")?.append(element("dt", {}, action.label), cap(outside), cap(inside));
}
