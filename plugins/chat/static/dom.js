// Elements without markup: whatever somebody wrote becomes text, never HTML.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  chat: ["M5.5 4h13A2.5 2.5 0 0 1 21 6.500v8a2.5 2.5 0 0 1-2.5 2.500H12l-4.6 3.600V17H5.500A2.5 2.5 0 0 1 3 14.500v-8A2.5 2.5 0 0 1 5.5 4Z", "M8 9h8M8 12.500h5"],
  x: ["m6 6 12 12M18 6 6 18"],
  down: ["m6 9.5 6 6 6-6"],
  send: ["M3.8 4.6 20.5 12 3.8 19.400l2.4-7.400Z", "M6.2 12h6.3"],
  clip: ["m20 11.3-8 8a5.2 5.2 0 0 1-7.3-7.300l8.3-8.300a3.5 3.5 0 0 1 5 5l-8.3 8.200a1.8 1.8 0 0 1-2.5-2.500l7.5-7.5"],
  call: ["M7.2 3.8 9.3 8a1.5 1.5 0 0 1-.4 1.800L7.5 11a12.5 12.5 0 0 0 5.5 5.500l1.2-1.400a1.5 1.5 0 0 1 1.8-.400l4.2 2.100v2.400a1.9 1.9 0 0 1-2 1.900C10.4 20.6 3.4 13.6 2.9 5.800a1.9 1.9 0 0 1 1.9-2Z"],
  clock: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "M12 6.800V12l3.5 2.2"],
  check: ["m4.5 12.8 4.7 4.700L19.5 7"],
  minus: ["M5 12h14"],
  seen: ["m2.5 12.8 4.2 4.200L15 8.200M11.8 16l1 1L21.5 8.2"],
  pen: ["M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19Z"],
  bin: ["M5 7h14M10 4h4M7 7l1 13h8l1-13"],
  more: ["M5.5 12h.01M12 12h.01M18.5 12h.01"],
  mail: ["M4.5 5.500h15A1.5 1.5 0 0 1 21 7v10a1.5 1.5 0 0 1-1.5 1.500h-15A1.5 1.5 0 0 1 3 17V7a1.5 1.5 0 0 1 1.5-1.500Z", "m3.5 7 8.5 6 8.5-6"],
  file: ["M6.5 3h7l4.5 4.500V21h-11.500Z", "M13.5 3v4.500H18"],
  alert: ["M12 4 21 19.500H3Z", "M12 10v4.500M12 17h.01"],
  offline: ["M4 4l16 16M5 12a10 10 0 0 1 4-2.500M2.5 9a14 14 0 0 1 4-2.600M12 5a14 14 0 0 1 9.5 4M15 9.500a10 10 0 0 1 4 2.500M8.5 15.500a5 5 0 0 1 7 0M12 19.500h.01"],
};

/** An element with properties, `aria-…`/`data-…` attributes, `on…` listeners and children; empty children are left out. */
export function h(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key.includes("-") || !(key in node)) node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

/** A drawing of the widget's own set; `flip` turns it with the direction of writing. */
export function icon(name, classes = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${classes}`);
  svg.setAttribute("aria-hidden", "true");
  for (const line of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

/** A button with a drawing alone, and its name for those who hear it. */
export function iconButton(name, label, onclick, classes = "") {
  const look = { send: "flip", more: "heavy" }[name];
  return h("button", { type: "button", className: `btn icon-only ${classes}`, "aria-label": label, title: label, onclick }, icon(name, look));
}

const LINK = /https?:\/\/[^\s<>"'«»]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const TAIL = /[.,;:!?)\]}،؛؟…]+$/;

/** A text as nodes: addresses in it become links that give the page nothing of this one. */
export function linked(text) {
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = found[0].replace(TAIL, "");
    const href = address(shown);
    if (!href) continue;
    nodes.push(text.slice(done, found.index), h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow ugc", dir: "ltr" }, shown));
    done = found.index + shown.length;
  }
  return [...nodes, text.slice(done)];
}

function address(shown) {
  try {
    const { href, protocol } = new URL(shown.includes("://") ? shown : `mailto:${shown}`);
    return ["http:", "https:", "mailto:"].includes(protocol) ? href : "";
  } catch {
    return "";
  }
}

/** A face: the picture when the desk itself serves it, else the first letter of the name. */
export function avatar(person, desk, classes = "") {
  const name = person?.name ?? "";
  const node = h("span", { className: `avatar ${classes}`, "aria-hidden": "true" }, [...name.trim()][0]?.toUpperCase() ?? "");
  if (person?.picture) {
    const source = new URL(person.picture, desk);
    if (source.origin === desk) {
      node.append(h("img", { src: source.href, alt: "", referrerPolicy: "no-referrer", onerror: (event) => event.target.remove() }));
    }
  }
  return node;
}
