// Writing: reply or note, drafts that the server keeps, files, sending, taking back, and the question when something new came.

import { $, $$, act, element, icon, on } from "../js/dom.js";
import { keepDraft, store } from "./drafts.js";
import { relist } from "./attaching.js";
import { t } from "../js/language.js";
import { walk } from "../queue/list.js";
import { writing } from "../live/live.js";
import { caughtUp, refresh, ticket } from "./thread.js";
import { toast } from "../js/toasts.js";
import { chosen, hasTemplate, lookAgain } from "./ways.js";

const PAUSE = 800, STILL = 4000;
const box = () => $("#composer");
const form = (mode = box().dataset.mode) => $(`#say-${mode}`);
const field = (mode) => $("textarea", form(mode));
const kept = (mode) => `draft:${ticket()}:${mode}`;
let saving = 0, stopped = 0, undo = "";

// Modes ---------------------------------------------------------------------------------------------------------------

function turn(mode) {
  box().dataset.mode = mode;
  for (const tab of $$("[role=tab]", box())) {
    const chosen = tab.dataset.mode === mode;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  grow(field());
  field().focus();
}

on("click", "#composer [role=tab]", (_event, tab) => turn(tab.dataset.mode));
on("keydown", "#composer [role=tab]", (event) => {
  if (event.key.startsWith("Arrow")) turn(box().dataset.mode === "reply" ? "note" : "reply");
});

// Drafts --------------------------------------------------------------------------------------------------------------

on("input", "#composer textarea, #way [data-value]", () => {
  const mode = box().dataset.mode, id = ticket(), area = field(mode);
  grow(area);
  clearTimeout(saving);
  saving = setTimeout(() => save(id, mode, area), PAUSE);
  if (!stopped) writing(id, true);
  clearTimeout(stopped);
  stopped = setTimeout(() => { stopped = 0; writing(id, false); }, STILL);
});

document.addEventListener("composer:chosen", () => begun(field("reply")) && save(ticket(), "reply", field("reply")));

const begun = (area) => hasTemplate() || $$("textarea", area.closest(".composer")).some(({ value }) => value.trim());

function save(id, mode, area) {
  keepDraft(id, begun(area));
  return store(area.form, `/tickets/${id}/draft`, [["mode", mode], ["text", area.value], ...(mode === "reply" ? chosen() : [])], `draft:${id}:${mode}`, area.value);
}

document.addEventListener("live:leaving", ({ detail }) => {
  if (box() && field().value) detail.push(save(ticket(), box().dataset.mode, field()));
});

// What could not reach the server comes back into its field, and goes to the server with the next letter or connection.
function restore() {
  if (!box()) return;
  for (const mode of ["reply", "note"]) {
    const own = localStorage.getItem(kept(mode));
    if (own !== null) field(mode).value = own;
  }
  grow(field());
}

document.addEventListener("ticket:opened", restore);
document.addEventListener("live:on", () => {
  if (!box()) return;
  for (const mode of ["reply", "note"]) if (localStorage.getItem(kept(mode)) !== null) save(ticket(), mode, field(mode));
});

function grow(area) {
  area.style.blockSize = "auto";
  area.style.blockSize = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.4)}px`;
}

// Sending -------------------------------------------------------------------------------------------------------------

document.addEventListener("composer:send", () => box() && form().requestSubmit($("[data-act=send]", form())));

on("htmx:beforeRequest", "#composer", () => clearTimeout(saving));
on("htmx:sendError", "#composer", () => save(ticket(), box().dataset.mode, field())); // out of reach: kept on this device

document.addEventListener("ticket:said", async ({ detail }) => {
  const mode = detail.kind === "note" ? "note" : "reply", said = form(mode);
  localStorage.removeItem(kept(mode));
  said.reset();
  $("textarea", said).value = "";
  $$("[data-slot], .chosen", said).forEach((slot) => { slot.replaceChildren(); });
  $("#notices").replaceChildren();
  grow($("textarea", said));
  keepDraft(detail.ticket, begun($("textarea", said)));
  clearTimeout(stopped);
  stopped = 0;
  writing(detail.ticket, false);
  if (detail.undo) {
    undo = detail.undo;
    toast(t("The reply leaves in a moment."), { seconds: detail.seconds, undo: { label: t("Undo"), run: () => act(detail.undo) } });
  } else toast(t("The note is written."));
  await caughtUp(detail);
  read();
  if (mode === "reply") lookAgain(detail.ticket);
});

document.addEventListener("ticket:undo-last", () => undo && act(undo));
document.addEventListener("ticket:begun", ({ detail }) => { undo = detail.undo; });
document.addEventListener("ticket:unsaid", ({ detail }) => {
  undo = "";
  if (detail.url) return; // it began the ticket, and goes back to where tickets begin
  keepDraft(detail.ticket, true);
  $(`#m-${detail.message}`)?.remove();
  if (detail.ticket !== ticket()) return;
  turn("reply");
  field("reply").value = detail.text;
  grow(field("reply"));
  relist(form("reply"));
  lookAgain(detail.ticket);
  caughtUp(detail);
});

document.addEventListener("ticket:resolve-next", () => {
  const id = ticket();
  act(`/tickets/${id}/change`, { status: "solved" }).then(() => walk(1));
});

// Something new while writing -------------------------------------------------------------------------------------------

const seen = () => $("input[name=seen]", box());

function read() {
  const last = $$(".thread [data-message]").at(-1)?.dataset.message;
  if (box() && last) seen().value = last;
}

document.addEventListener("ticket:new", ({ detail }) => {
  if (!box()) return;
  if (!field("reply").value.trim()) {
    if (detail.kind === "in" && !hasTemplate()) lookAgain(ticket()); // they may have written another way, or opened a window
    return read();
  }
  const who = $(`#m-${detail.message} .strong`)?.textContent ?? "";
  const text = detail.kind === "in" ? t("While you were writing, %(name)s wrote.", { name: who }) : t("While you were writing, %(name)s replied.", { name: who });
  if (detail.kind !== "note" && !$("#notices .crossing")) ask(text);
});

// Somebody else's message came in above what is being written. It is shown before anything can be sent past it.
function ask(text) {
  const see = element("button", { class: "btn sm", type: "button", "data-act": "see-new" }, t("See it"));
  $("#notices").replaceChildren(element("div", { class: "banner warn", role: "status" }, icon("users"), element("span", { class: "grow" }, text), see));
}

on("click", "[data-act=see-new]", async () => {
  await refresh();
  $$(".thread [data-message]").at(-1)?.scrollIntoView({ block: "center" });
  $("#notices").replaceChildren();
  read();
  field().focus();
});

restore();
