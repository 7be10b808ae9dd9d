// Going to a ticket inside the console: address, conversation and panel always change together.

import { $, fire } from "../js/dom.js";

const MARK = { htmx: true }; // an entry that the browser's Back loads anew
const load = (url) => window.htmx.ajax("GET", url, { target: "#ticket", swap: "innerHTML" });

// Show the ticket at this address, with an entry of its own in the history.
export function visit(url) {
  history.replaceState(MARK, "");
  return settled().then(() => load(url)).then(() => history.pushState(MARK, "", url));
}

// Show what is open once more, from the ground up.
export const again = () => settled().then(() => load(location.href));

// What is being written goes to the server before its form goes away.
function settled() {
  const unsaved = [];
  fire("live:leaving", unsaved);
  return Promise.allSettled(unsaved);
}

window.addEventListener("popstate", ({ state }) => {
  if ($("#ticket") && !state?.htmx) location.reload();
});
