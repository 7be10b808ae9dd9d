// The keyboard, by physical key: a Persian layout changes nothing. Never while text is being composed or with AltGraph held.

import { actions, possible, rebind } from "./actions.js";
import { $, element, fire, on, post, typing } from "../js/dom.js";
import { t } from "../js/language.js";
import { layer } from "../js/layers.js";
import { alertOf } from "../js/toasts.js";

const PREFIX = "KeyG", PATIENCE = 1200;
let prefixed = 0;

// Hear the keys of a document: the page's own, and those of the formatted messages in it.
export function listen(root) {
  root.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.getModifierState("AltGraph") || event.defaultPrevented) return;
    const run = find(event);
    if (run) {
      event.preventDefault();
      run();
    }
  });
}

function find(event) {
  const command = event.ctrlKey || event.metaKey;
  if (layer()) return command && event.code === "KeyK" && $("#palette").open ? () => $("#palette").close() : null;
  if (command) return withCommand(event);
  const inside = typing(event.target);
  if (event.key === "Escape") return inside ? () => event.target.blur() : possible(named("clear")) && named("clear").run;
  if (inside !== event.altKey) return null;
  if (!inside && (event.key === "?" || (event.code === "Slash" && event.shiftKey))) return named("keys").run;
  if (!inside && event.code === PREFIX && !event.shiftKey) return () => { prefixed = Date.now(); };
  const after = !inside && Date.now() - prefixed < PATIENCE ? PREFIX : "";
  prefixed = 0;
  return matching(event, inside, after)?.run;
}

function withCommand(event) {
  if (event.altKey) return null;
  if (event.code === "KeyK") return named("palette").run;
  if (event.code === "Slash") return named("keys").run;
  if (event.code === "Period" && !typing(event.target)) return named("copy-link").run;
  if (event.key === "Enter" && event.target.closest(".composer")) return () => fire("composer:send");
  return null;
}

function matching(event, inside, after) {
  return actions.find((action) => action.code && action.code === event.code && action.shift === event.shiftKey && action.after === after
    && (action.inside || !inside) && possible(action));
}

const named = (id) => actions.find((action) => action.id === id);

// The sheet of all keys, on which each can be changed ------------------------------------------------------------------

let waiting = null; // the action that waits for its new key

function show() {
  $("#keys-list").replaceChildren(...actions.filter((action) => action.outside && (!action.id.startsWith("go-") || possible(action))).flatMap(line));
}

const drawn = (text) => element("kbd", { class: "key" }, text);

function line(action) {
  const button = () => element("button", { class: "btn quiet sm rebind", type: "button", "data-action": action.id, "aria-label": t("Change the key for: %(act)s", { act: action.label }) }, drawn(action.outside));
  return [element("dt", {}, action.label), element("dd", {}, action.code ? button() : drawn(action.outside)), element("dd", {}, ...(action.within ? [drawn(action.within)] : []))];
}

function say(text) {
  $("#keys-problem").hidden = !text;
  $("#keys-problem").replaceChildren(...(text ? [element("p", { class: "banner warn" }, text)] : []));
}

function wait(id) {
  stop();
  waiting = id;
  const button = $(`[data-action="${id}"]`);
  button.replaceChildren(t("Press a key…"));
  button.focus();
}

function stop() {
  waiting = null;
  show();
}

async function send(data) {
  const response = await post("/me/keys", data).catch(() => null);
  if (!response?.ok) return say(response ? alertOf(await response.text()) : t("The desk cannot be reached. Nothing is lost; try again in a moment."));
  say("");
  rebind(await response.json());
  show();
}

on("click", "#keys-list .rebind", (_event, button) => wait(button.dataset.action));
on("click", "[data-act=reset-keys]", () => send({}));
$("#keys")?.addEventListener("keydown", (event) => {
  if (!waiting || ["Shift", "Control", "Alt", "Meta", "AltGraph", "Tab"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const id = waiting;
  stop();
  if (event.key !== "Escape") send({ id, code: event.code }).then(() => $(`[data-action="${id}"]`)?.focus());
});
$("#keys")?.addEventListener("close", () => { say(""); stop(); });

listen(document);
if ($("#keys-list")) show();
