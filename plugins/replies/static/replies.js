// The picker of saved replies: "/" at the beginning of a line, the composer's button, the ticket's menu or the palette open it.

import { $, act, fire, offer, on, t, toast } from "../../js/desk.js";

const PAUSE = 120, TOOL = "replies.pick";
const sheet = $("#sheet");
const box = () => $("#replies-pick", sheet);
let now = null; // {ticket, mode, insert, slash, wanted}: what the picker was opened for

const query = (values) => new URLSearchParams({ ticket: now.ticket, mode: now.mode, ...values });
const show = (url) => window.htmx.ajax("GET", url, { target: sheet, swap: "innerHTML" });

// Opening --------------------------------------------------------------------------------------------------------------

let slash = false, wanted = "";

on("keydown", "#composer textarea", (event, area) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!/(^|\n)$/.test(area.value.slice(0, area.selectionStart))) return;
  event.preventDefault();
  slash = true;
  $(`[data-tool="${TOOL}"]`, area.form).click();
});

document.addEventListener("composer:tool", ({ detail }) => {
  if (detail.tool !== TOOL) return;
  now = { ...detail, slash };
  slash = false;
  sheet.replaceChildren();
  sheet.showModal();
  if (wanted) choose(wanted);
  else show(`/x/replies/pick?${query()}`);
  wanted = "";
});

// Whoever closes the picker without choosing meant the slash itself.
sheet?.addEventListener("close", () => {
  if (now?.slash) now.insert("/");
  now = null;
});

function done() {
  if (now) now.slash = false;
  sheet.close();
}

offer(t("Saved replies"), async (words) => {
  if (!$(`[data-tool="${TOOL}"]`)) return [];
  const response = await fetch(`/x/replies/found?q=${encodeURIComponent(words)}`);
  const { items } = response.ok ? await response.json() : { items: [] };
  return items.map(({ id, label, sub, macro }) => ({ label, sub, symbol: macro ? "bolt" : "reply", run: () => open(id, macro) }));
});

function open(id, macro) {
  wanted = { id, macro };
  const mode = $("#composer")?.dataset.mode ?? "reply";
  $(`#say-${mode} [data-tool="${TOOL}"]`)?.click();
}

// Looking and choosing -------------------------------------------------------------------------------------------------

let timer = 0, asked = 0;
const active = () => $(".option.active", box());

new MutationObserver(() => {
  if (!box()) return;
  clearTimeout(timer);
  timer = setTimeout(() => look(), PAUSE);
}).observe(sheet ?? document.createElement("i"), { subtree: true, attributeFilter: ["aria-activedescendant"] });

async function look(language = "") {
  const id = active()?.value, mine = ++asked;
  if (!id) return $(".preview", box())?.replaceChildren();
  const response = await fetch(`/x/replies/preview?${query({ reply: id, language })}`).catch(() => null);
  if (mine !== asked || !box() || !response?.ok) return;
  $(".preview", box()).replaceChildren(...new DOMParser().parseFromString(await response.text(), "text/html").body.children);
}

on("click", "#replies-pick [data-language]", (_event, button) => {
  look(button.dataset.language);
  $("[role=combobox]", box()).focus();
});
on("click", "#replies-pick [role=option]", (_event, option) => {
  const language = $(`.preview [data-shown="${option.value}"]`, box())?.dataset.language ?? "";
  choose({ id: option.value, macro: "macro" in option.dataset, language });
});

function choose({ id, macro, language = "" }) {
  if (macro && now.mode !== "note") show(`/x/replies/chosen?${query({ reply: id, language })}`);
  else act(`/x/replies/${id}/insert`, Object.fromEntries(query({ language })));
}

document.addEventListener("replies:insert", ({ detail }) => {
  now?.insert(detail.text);
  if (detail.files) fire("draft:files", { mode: detail.mode });
  done();
});

// Macros ---------------------------------------------------------------------------------------------------------------

// What was being written stands before the macro's text; what its writer has seen goes with it.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const form = detail.target === sheet && $("#replies-macro", sheet);
  if (!form) return;
  const written = $("#say-reply textarea")?.value.trim();
  const area = $("textarea", form);
  if (written && area) area.value = `${written}\n\n${area.value}`;
  $("[name=seen]", form).value = $("#composer [name=seen]")?.value ?? "";
  (area ?? $("[type=submit]", form)).focus();
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const newest = detail.target?.matches?.("#replies-macro .notice") && $("[data-newest]", detail.target);
  if (newest) $("#replies-macro [name=seen]").value = newest.dataset.newest;
});

document.addEventListener("replies:applied", ({ detail }) => {
  done();
  if (detail.undo) toast(detail.text, { seconds: 10, undo: { label: t("Undo"), run: () => act(detail.undo) } });
});
