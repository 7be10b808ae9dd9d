// What the desk says of the line to this person, on every page: their availability, what rings, how many wait.

import { $, $$, fire, on, post, typing } from "../js/dom.js";
import { number, t, timeLeft } from "../js/language.js";
import { layer } from "../js/layers.js";
import { announce, problem, toast } from "../js/toasts.js";
import "../live/live.js";

const NARROW = matchMedia("(max-width: 840px)");
const rings = $("#rings"), mine = $("[data-slot=presence]");
let held = "";
let known = new Set($$(".ring", rings).map((ring) => ring.dataset.entry));

// Above the list where there is one in sight, or the line itself, else at the top of the page.
function settle() {
  const head = $(".list > .col-head, [data-shows] > .col-head");
  if (head && (!NARROW.matches || head.closest("[data-shows]"))) head.after(rings);
  else $(".app").after(rings);
  const place = NARROW.matches && $("[data-slot=presence-on-phones]");
  if (place) place.append(mine);
  else $(".nav-foot").prepend(mine);
}
NARROW.addEventListener("change", settle);
settle();

document.addEventListener("live:ring", ({ detail }) => show(detail));
document.addEventListener("live:waiting", ({ detail }) => count(detail));

// The parts of the frame as the desk rendered them; what rings anew is said once, aloud for those who want it.
function show({ presence, rings: html, ringing }) {
  held = presence;
  if (!$("details[open]", mine)) mine.innerHTML = presence;
  if (ringing.join() !== $$(".ring", rings).map((ring) => ring.dataset.entry).join()) rings.innerHTML = html;
  const fresh = ringing.filter((entry) => !known.has(String(entry)));
  known = new Set(ringing.map(String));
  for (const entry of fresh) said($(`.ring[data-entry="${entry}"]`, rings));
  tick();
}

// What came while the menu was open is shown when it closes.
document.addEventListener("toggle", ({ target }) => {
  if (held && target.id === "menu-presence" && !target.open) mine.innerHTML = held;
}, true);

function said(ring) {
  announce(t("%(name)s waits: %(kind)s. Enter accepts.", { name: $(".strong", ring).textContent, kind: $(".tag", ring).textContent }));
  if ($("[data-act=ring-sound]")?.checked) sound();
  fire("line:ring", { entry: Number(ring.dataset.entry) });
}

function sound() {
  const context = new AudioContext(), tone = context.createOscillator(), volume = context.createGain();
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.6);
  tone.frequency.value = 660;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.6);
  tone.addEventListener("ended", () => context.close());
}

// The counter of the navigation: what waits in each of one's queues, together.
function count({ queue, waiting }) {
  for (const shown of $$("[data-waiting]")) {
    const all = { ...JSON.parse(shown.dataset.waiting), [queue]: waiting };
    const total = Object.values(all).reduce((sum, one) => sum + one, 0);
    shown.dataset.waiting = JSON.stringify(all);
    shown.textContent = number(total);
    (shown.closest(".badge") ?? shown).toggleAttribute("hidden", !total);
  }
}

// Counting up since, down until.
function tick() {
  const now = Date.now();
  for (const shown of $$("[data-since]")) {
    const seconds = Math.max(0, (now - Date.parse(shown.dataset.since)) / 1000);
    shown.textContent = timeLeft(seconds);
    shown.classList.toggle("hot", seconds > Number(shown.dataset.limit ?? Infinity));
  }
  for (const shown of $$("[data-left]")) shown.textContent = timeLeft(Math.max(0, (Date.parse(shown.dataset.left) - now) / 1000));
  for (const bar of $$("[data-until]", rings)) bar.style.inlineSize = `${Math.max(0, Math.min(100, (Date.parse(bar.dataset.until) - now) / 10 / Number(bar.dataset.seconds)))}%`;
}
setInterval(() => document.hidden || tick(), 1000);
for (const name of ["line:shown", "ticket:opened", "ticket:shown"]) document.addEventListener(name, tick);
tick();

// Say something to the desk; resolves to its answer, null when it refused, which is shown.
async function tell(url, data) {
  const response = await post(url, data).catch(() => null);
  if (response?.ok) return response.json();
  problem(response?.status ?? 0, await response?.text());
  return null;
}

// Go where the accepted one is, once what is being written is safe.
async function go(url) {
  const unsaved = [];
  fire("live:leaving", unsaved);
  await Promise.allSettled(unsaved);
  location.assign(url);
}

async function answer(ring, act) {
  if (!ring || ring.classList.contains("busy")) return;
  ring.classList.add("busy");
  const done = await tell(`/line/${ring.dataset.entry}/${act}`);
  ring.classList.remove("busy");
  if (!done) return refresh();
  ring.remove();
  if (act === "accept") go(done.url);
}

async function refresh() {
  const response = await fetch("/line/frame").catch(() => null);
  if (response?.ok) show(await response.json());
}

on("click", "[data-ring]", (_event, button) => answer(button.closest(".ring"), button.dataset.ring));

// Enter accepts and Escape lets pass, unless the key belongs to something else.
document.addEventListener("keydown", (event) => {
  const act = { Enter: "accept", Escape: "decline" }[event.key], ring = $(".ring", rings);
  if (!act || !ring || event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (layer() || (typing(event.target) && !event.altKey) || (event.key === "Enter" && event.target.closest("a, button, summary, [role=option], input"))) return;
  event.preventDefault();
  answer(ring, act);
});

// One's availability, or that of a colleague.
on("click", "[data-availability]", async (_event, button) => {
  const { availability: state, reason = "", user = "" } = button.dataset;
  button.closest("details")?.removeAttribute("open");
  const done = await tell("/line/me", { state, reason, ...(user && { user }) });
  if (done && !user) show(done);
  if (done && user) toast(t("Changed."));
});
on("click", "[data-limit]", async (_event, button) => {
  const { limit: kind, most } = button.dataset, menu = button.closest("details");
  const done = await tell("/line/me", { kind, most });
  if (!done) return;
  menu.open = false;
  show(done);
  const again = $("#menu-presence");
  again.open = true;
  $(`[data-limit="${kind}"]:not(:disabled)`, again)?.focus();
});
on("change", "[data-act=ring-sound]", async (_event, box) => {
  const response = await post("/me/preferences", { ring_sound: box.checked ? "1" : "0" }).catch(() => null);
  if (!response?.ok) problem(response?.status ?? 0);
  if (box.checked) sound();
});

// Acts of the page of the line and of a ticket's head.
on("click", "[data-line-act]", async (_event, button) => {
  button.disabled = true;
  const done = await tell(button.dataset.lineAct);
  button.disabled = false;
  if (done && "goes" in button.dataset) go(done.url);
});
on("submit", "form[data-give]", async (event, form) => {
  event.preventDefault();
  const refused = $("[data-slot=refused]", form);
  const response = await post(form.action, { note: form.elements.note.value, to: event.submitter?.value ?? "" }).catch(() => null);
  if (response?.ok) {
    $("#sheet").close();
    return toast(t("Handed over."));
  }
  refused.hidden = false;
  refused.textContent = response ? ((await response.json().catch(() => null))?.detail ?? "") : t("The desk cannot be reached. Nothing is lost; try again in a moment.");
});
