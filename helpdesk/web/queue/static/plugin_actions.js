// Actions that plugins bring: from the palette or the bar of selected tickets, on those or on the open one; a sheet asks for the value.

import { $, $$, on, post } from "../js/dom.js";
import { t } from "../js/language.js";
import { ticket } from "../ticket/thread.js";
import { problem, toast } from "../js/toasts.js";

const sheet = () => $("#sheet");
const chosen = () => $$(".tickets > li[data-id]").filter((row) => $(".choose :checked", row)).map((row) => row.dataset.id);
const meant = () => (chosen().length ? chosen() : ticket() ? [ticket()] : []);

on("click", "[data-plugin-action]", (_event, button) => ask(button.dataset.pluginAction, button.dataset.page));
document.addEventListener("action:ask", ({ detail }) => ask(detail.name, detail.page));

async function ask(name, page) {
  if (!meant().length) return toast(t("Please choose some tickets first."));
  if (page) {
    sheet().replaceChildren();
    sheet().showModal();
    return window.htmx.ajax("GET", `${page}?tickets=${meant().join(",")}`, { target: sheet(), swap: "innerHTML" });
  }
  const response = await fetch(`/actions/${encodeURIComponent(name)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return problem(response?.status ?? 0, await response?.text());
  sheet().replaceChildren(...new DOMParser().parseFromString(await response.text(), "text/html").body.children);
  sheet().showModal();
}

on("submit", "form[data-carry-out]", async (event, form) => {
  event.preventDefault();
  const response = await post(form.dataset.carryOut, { ...Object.fromEntries(new FormData(form)), tickets: meant().join(",") }).catch(() => null);
  sheet().close();
  if (!response?.ok) return problem(response?.status ?? 0, await response?.text());
  const { sentence, done } = await response.json();
  toast(sentence, { tone: done.length ? "" : "danger" });
});
