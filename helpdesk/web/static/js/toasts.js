// Short words at the foot of the page that never take the focus, and the sentences for requests that failed.

import { $, element } from "./dom.js";
import { t } from "./language.js";

const SHOWN = 6000;

// Say something for a while; `undo` is {label, run} for a way back.
export function toast(text, { tone = "", undo = null, seconds = SHOWN / 1000 } = {}) {
  const made = element("div", { class: `toast ${tone}`.trim() }, element("span", { dir: "auto" }, text));
  const close = () => made.remove();
  if (undo) {
    const button = element("button", { class: "btn quiet sm", type: "button" }, undo.label);
    button.addEventListener("click", () => { close(); undo.run(); });
    made.append(button);
  }
  $("#toasts").append(made);
  while ($("#toasts").children.length > 3) $("#toasts").firstElementChild.remove();
  setTimeout(close, seconds * 1000);
  return close;
}

// Say something to those who listen to the page.
export function announce(text) {
  const line = element("p", {}, text);
  $("#announcer").append(line);
  setTimeout(() => line.remove(), SHOWN);
}

// What went wrong, in the server's own sentence where it gave one.
export function problem(status, text = "") {
  if (status === 401) return location.reload(); // the session is over: the sign-in page comes
  toast(sentence(status, text), { tone: "danger", seconds: 10 });
}

function sentence(status, text) {
  if (!status) return t("The desk cannot be reached. Nothing is lost; try again in a moment.");
  const said = textOf(text);
  if (said) return said;
  if (status === 403) return t("Your role does not allow this.");
  if (status === 404) return t("There is nothing at this address, or it is not for you.");
  if (status === 413) return t("This is too large to send.");
  return t("This did not work. Please try again.");
}

function textOf(text) {
  const body = text.trim();
  if (body.startsWith("{")) {
    const { detail, title } = JSON.parse(body);
    return detail ?? title;
  }
  return body.startsWith("<") || body.length > 300 ? alertOf(body) : body;
}

// The sentences of an alert that came as a page or a line.
export function alertOf(page) {
  const alert = new DOMParser().parseFromString(page, "text/html").querySelector("[data-sentence], [role=alert]");
  const parts = [...(alert?.querySelectorAll("span") ?? [])];
  return (parts.length ? parts.map((part) => part.textContent.trim()).join(" ") : alert?.textContent.trim()) ?? "";
}

document.addEventListener("desk:problem", ({ detail }) => problem(detail.status, detail.text));
document.addEventListener("htmx:responseError", ({ detail }) => problem(detail.xhr.status, detail.xhr.responseText));
// A refusal that has no place of its own on the page is shown here.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const quiet = detail.requestConfig.elt.closest("[hx-swap]")?.getAttribute("hx-swap") === "none";
  if (quiet && [409, 422].includes(detail.xhr.status)) problem(detail.xhr.status, detail.xhr.responseText);
});
document.addEventListener("htmx:sendError", () => problem(0));

for (const toast of document.querySelectorAll("#toasts > .toast")) setTimeout(() => toast.remove(), SHOWN);
