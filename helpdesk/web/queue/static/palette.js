// The command palette: acts, places, and what the server finds, in one list that the arrow keys walk.

import { actions, places, possible } from "../keys/actions.js";
import { outcomes } from "../ticket/by_hand.js";
import { $, $$, element, icon } from "../js/dom.js";
import { folded } from "../js/folding.js";
import { digits, t } from "../js/language.js";
import { offered } from "../js/offers.js";
import { tools } from "../ticket/tools.js";

const PAUSE = 150;
const dialog = $("#palette"), input = $("input", dialog), list = $("#palette-list");
let timer = 0, asked = 0;

function option({ label, sub = "", keys = "", symbol, run, number }) {
  const made = element("button", { class: "option", type: "button", role: "option", "aria-selected": "false", tabindex: "-1" },
    icon(symbol), element("span", { class: "cut", dir: "auto" }, label));
  if (number) made.append(element("span", { class: "sub num" }, element("bdi", {}, `#${digits(number)}`)));
  if (sub) made.append(element("span", { class: "sub cut" }, element("bdi", {}, sub)));
  if (keys) made.append(element("kbd", { class: "key" }, keys));
  made.addEventListener("click", () => { dialog.close(); run(); });
  return made;
}

function group(title, options) {
  return options.length ? [element("div", { class: "group", role: "presentation" }, title), ...options] : [];
}

const visit = (url) => () => location.assign(url);

function local(words) {
  const fits = ({ label }) => folded(label).includes(words);
  const acts = actions.filter((action) => !action.hidden && possible(action) && fits(action));
  return [
    ...group(t("Actions"), acts.map((action) => option({ ...action, symbol: action.icon, keys: action.outside }))),
    ...group(t("Outcome"), outcomes().filter(fits).map(option)),
    ...group(t("Write"), tools().map(asAct).filter(fits).map(option)),
    ...group(t("Go to"), places().filter(fits).map((place) => option({ ...place, symbol: place.icon, run: visit(place.url) }))),
  ];
}

const asAct = (button) => ({ label: button.title || button.textContent.trim(), symbol: $("use", button).getAttribute("href").split("#i-")[1], run: () => button.click() });

function remote({ tickets, customers }) {
  const made = (found) => option({ ...found, symbol: found.icon, run: visit(found.url) });
  return [...group(t("Tickets"), tickets.map(made)), ...group(t("Customers"), customers.map(made))];
}

async function fill() {
  const query = input.value.trim(), mine = ++asked;
  const first = local(folded(query));
  show(first, query);
  if (query.length < 2 && !/\p{Nd}/u.test(query)) return;
  const [response, offers] = await Promise.all([fetch(`/palette?q=${encodeURIComponent(query)}`).catch(() => null), offered(query)]);
  const found = response?.ok ? remote(await response.json()) : [];
  if (mine === asked) show([...found, ...first, ...offers.flatMap(({ title, options }) => group(title, options.map(option)))], query);
}

function show(parts, query) {
  const everywhere = option({ label: t("Search everywhere: %(words)s", { words: query }), symbol: "search", run: visit(`/search?q=${encodeURIComponent(query)}`) });
  list.replaceChildren(...parts, ...(query ? group(t("Search"), [everywhere]) : []));
  $$(".option", list).forEach((made, index) => { made.id = `palette-${index}`; });
  select(0);
}

function select(index) {
  const options = $$(".option", list);
  const chosen = options.at(index % (options.length || 1));
  for (const other of options) other.setAttribute("aria-selected", String(other === chosen));
  input.setAttribute("aria-activedescendant", chosen?.id ?? "");
  chosen?.scrollIntoView({ block: "nearest" });
}

const selected = () => $$(".option", list).findIndex((made) => made.getAttribute("aria-selected") === "true");

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(fill, PAUSE);
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    select(selected() + (event.key === "ArrowDown" ? 1 : -1));
  }
  if (event.key === "Enter") {
    event.preventDefault();
    $$(".option", list)[selected()]?.click();
  }
});

new MutationObserver(() => {
  if (!dialog.open) return;
  input.value = "";
  fill();
}).observe(dialog, { attributeFilter: ["open"] });
