// What scripts of plugins may import; everything else of ours may change. The events they may listen to stand in docs/browser-events.md.

import { io } from "../vendor/socket.io.js";

export { $, $$, act, element, fire, icon, on, post } from "./dom.js";
export { date, digits, number, relative, t, tn } from "./language.js";
export { offer } from "./offers.js";
export { toast, announce } from "./toasts.js";

// The namespace of a plugin ("/x/<plugin>"); it comes back by itself when the line was down.
export function socket(namespace) {
  const made = io(namespace, { transports: ["websocket"], reconnection: false });
  const again = () => setTimeout(() => made.connected || made.connect(), 2000 + 3000 * Math.random());
  made.on("disconnect", again);
  made.on("connect_error", again);
  return made;
}
