// Files of a draft: chosen, pasted or dropped ones go to the server at once, where they wait with the draft for its message.

import { $, $$, element, icon, on, post } from "../js/dom.js";
import { number, t } from "../js/language.js";
import { problem, toast } from "../js/toasts.js";
import { refusedFile } from "./carried.js";
import { upload } from "./uploads.js";

const under = new Map(); // form → the uploads under way
const list = (form) => $(".chosen", form);
const megabytes = (bytes) => number(Math.ceil(bytes / 100_000) / 10);

on("change", "input[type=file][data-keeps]", (_event, input) => {
  take(input.form, [...input.files]);
  input.value = "";
});
on("paste", "textarea", (event, area) => {
  const files = [...event.clipboardData.files];
  if (files.length && area.form && list(area.form)) take(area.form, files);
});

// Files that fit are uploaded; for the others a sentence is shown before anything is sent.
function take(form, files) {
  for (const file of files) {
    const refused = refusal(form, file);
    if (refused) toast(refused, { tone: "danger", seconds: 10 });
    else begin(form, file);
  }
}

// What the chosen account's channel carries; undefined for a note.
function carriedBy(form) {
  const field = form.elements.account;
  return (field?.closest("#way") ?? field?.selectedOptions?.[0] ?? field)?.dataset;
}

function refusal(form, file) {
  const { name, size } = file, cannot = refusedFile(carriedBy(form), file);
  if (cannot) return cannot;
  const { most, largest } = list(form).dataset, lines = [...list(form).children];
  if (lines.length >= Number(most)) return t("A message can have %(most)s files at most.", { most: Number(most) });
  const whole = lines.reduce((sum, { dataset }) => sum + Number(dataset.size), size);
  return whole > Number(largest) && t("%(name)s has %(size)s MB; all files of a message can have %(most)s MB at most.", { name, size: megabytes(size), most: Number(largest) / 1_000_000 });
}

function begin(form, file) {
  const bar = element("progress", { max: "1", value: "0", "aria-label": t("Uploading %(name)s", { name: file.name }) });
  const line = element("li", { class: "file", "data-size": file.size }, icon("clip", "sm"), element("bdi", { class: "cut" }, file.name), bar);
  const stop = new AbortController(), button = element("button", { class: "btn quiet icon-only sm", type: "button", "aria-label": t("Remove %(name)s", { name: file.name }) }, icon("x", "sm"));
  button.addEventListener("click", () => { stop.abort(); line.remove(); });
  line.append(button);
  list(form).append(line);
  const done = send(form, file, line, bar, stop.signal);
  under.set(form, [...(under.get(form) ?? []), done]);
  done.finally(() => under.set(form, under.get(form).filter((other) => other !== done)));
}

async function send(form, file, line, bar, signal) {
  const { status, text } = await upload(list(form).dataset.url, { mode: form.dataset.mode ?? "", file }, signal, (part) => { bar.value = part; });
  if (signal.aborted) return;
  if (status === 201) line.replaceWith(...lines(text));
  else fail(form, file, line, status, text);
}

// It stays in sight with a way to try again; a refusal of the server does not.
function fail(form, file, line, status, text) {
  problem(status, text);
  if (status === 422) return line.remove();
  const again = element("button", { class: "btn sm", type: "button" }, t("Try again"));
  again.addEventListener("click", () => { line.remove(); begin(form, file); });
  $("progress", line).replaceWith(again);
}

const lines = (page) => [...new DOMParser().parseFromString(page, "text/html").body.children];

on("click", "[data-act=remove-file]", async (_event, button) => {
  const line = button.closest("li"), form = button.closest("form");
  const response = await post(button.dataset.url).catch(() => null);
  if (!response?.ok && response?.status !== 404) return problem(response?.status ?? 0);
  line.remove();
  $("input[type=file]", form)?.focus();
});

// A message leaves when its files are there.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail, waiting = under.get(elt);
  if (!waiting?.length) return;
  event.preventDefault();
  toast(t("It is sent as soon as its files are there."));
  Promise.allSettled(waiting).then(() => $$(".chosen progress, .chosen .btn:not(.icon-only)", elt).length || elt.requestSubmit());
}, true);

// Look again at which files wait with the form's draft.
export async function relist(form) {
  const response = await fetch(`${list(form).dataset.url}?mode=${form.dataset.mode}`).catch(() => null);
  if (response?.ok) list(form).replaceChildren(...lines(await response.text()));
}

document.addEventListener("draft:files", ({ detail }) => $(`#say-${detail.mode}`) && relist($(`#say-${detail.mode}`)));

// Dropping ------------------------------------------------------------------------------------------------------------

on("dragover", "form", (event, form) => {
  if (!list(form) || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  form.classList.add("dropping");
});
on("dragleave", "form", (event, form) => form.contains(event.relatedTarget) || form.classList.remove("dropping"));
on("drop", "form.dropping", (event, form) => {
  event.preventDefault();
  form.classList.remove("dropping");
  take(form, [...event.dataTransfer.files]);
});
