// The few things every script of ours does to a page: find, listen, post, show an icon.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export const token = $("meta[name=csrf-token]")?.content ?? "";
const icons = $("use")?.getAttribute("href")?.replace(/#.*/, "") ?? "";

// Listen on the whole document for an event at any element that matches, now or later.
export function on(type, selector, act) {
  document.addEventListener(type, (event) => {
    const target = event.target.closest?.(selector);
    if (target) act(event, target);
  });
}

export function fire(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", `icon ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icons}#i-${name}`);
  svg.append(use);
  return svg;
}

// A person's letter or letters, as macros.html makes them.
export function avatar(name, kind = "") {
  const words = (name || "?").trim().split(/\s+/);
  const latin = (word) => word[0] < "\u0250";
  const second = words.length > 1 && latin(words[0]) && latin(words.at(-1)) ? words.at(-1)[0] : "";
  return element("span", { class: `avatar ${kind}`.trim(), "aria-hidden": "true" }, (words[0][0] + second).toUpperCase());
}

// POST a form; resolves to the response, rejects when the desk cannot be reached.
export function post(url, data = {}) {
  return fetch(url, { method: "POST", body: new URLSearchParams(data), headers: { "X-CSRFToken": token, "HX-Request": "true" } });
}

// POST, then fire the events that the answer names, as htmx does for forms.
export async function act(url, data) {
  const response = await post(url, data).catch(() => null);
  if (!response?.ok) return fire("desk:problem", { status: response?.status ?? 0, text: await response?.text() });
  const events = JSON.parse(response.headers.get("HX-Trigger") ?? "{}");
  for (const [name, detail] of Object.entries(events)) fire(name, detail);
}

document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = token; });

export function typing(target) {
  return !!target.closest?.("input:not([type=checkbox],[type=radio],[type=file],[type=button]), textarea, select, [contenteditable]");
}
