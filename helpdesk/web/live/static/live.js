// The one line to the desk: what changed, in order, each once, also what came while the line was down.
//
// On connecting we say the last number we have seen and learn what we missed; what arrives meanwhile waits until that is in.

import { io } from "../vendor/socket.io.js";
import { $, fire } from "../js/dom.js";

const LONGEST_WAIT = 15;
const socket = io("/desk", { transports: ["websocket"], reconnection: false });
const list = $("[data-seq].list"); // without one nothing can be missed
let last = list ? Number(list.dataset.seq) : null;
let waiting = null; // payloads that came while the replay was outstanding
let tries = 0, retryAt = 0;

socket.on("connect", () => {
  tries = 0;
  waiting ??= [];
  catchUp();
});

function catchUp() {
  socket.emit("subscribe", { since: list ? last : null, list: list?.dataset.key ?? $("[data-shows]")?.dataset.shows }, (answer) => {
    if (answer.reload) return leave();
    if (!answer.missed) return socket.disconnect();
    take(answer.missed);
    if (answer.more) return catchUp();
    last = Math.max(last, answer.seq);
    const held = waiting;
    waiting = null;
    take(held);
    document.documentElement.dataset.live = "on";
    fire("live:on");
  });
}

const listening = (payload) => (waiting ? waiting.push(payload) : take([payload]));
socket.on("changed", listening);
socket.on("gone", listening);
socket.on("items", listening);

function take(payloads) {
  for (const payload of payloads.sort((a, b) => a.seq - b.seq)) {
    if (payload.kind === "items") fire("live:items", payload);
    if (payload.kind === "items" || payload.seq <= last) continue;
    last = payload.seq;
    fire(payload.kind === "gone" ? "live:gone" : "live:changed", payload);
  }
}

socket.on("signal", (payload) => fire("live:signal", payload));
socket.on("looking", (payload) => fire("live:looking", payload));
socket.on("ring", (payload) => fire("live:ring", payload));
socket.on("waiting", (payload) => fire("live:waiting", payload));
socket.on("line", () => fire("live:line"));
socket.on("renew", () => (list ? leave() : catchUp()));

// Rights changed, or too much was missed: begin anew, once what is being written is safe.
async function leave() {
  const unsaved = [];
  fire("live:leaving", unsaved);
  await Promise.allSettled(unsaved);
  location.reload();
}

// Down: try again after 1, 2, 4 … seconds, each desk at its own moment, and say when.
function later() {
  waiting = [];
  const wait = Math.min(LONGEST_WAIT, 2 ** tries++) * (0.7 + 0.6 * Math.random());
  retryAt = Date.now() + wait * 1000;
  setTimeout(() => socket.connect(), wait * 1000);
  document.documentElement.dataset.live = "off";
  fire("live:off", { retryAt });
}
socket.on("disconnect", later);
socket.on("connect_error", later);

// Tell the others where this person looks and whether they write.
export function watchTicket(ticket) {
  if (socket.connected) socket.emit("watch_ticket", { ticket });
}
// Tell the desk what this person has read; false when the line is down.
export function tellRead(ticket, upto) {
  if (socket.connected) socket.emit("read", { ticket, upto });
  return socket.connected;
}
export const connected = () => socket.connected && !waiting;
export function writing(ticket, now) {
  if (socket.connected) socket.emit("typing", { ticket, writing: now });
}
