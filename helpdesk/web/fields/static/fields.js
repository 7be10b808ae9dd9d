// Custom fields: shows those that are asked for by what the others hold, on every page; beside a conversation also what others changed.

const said = (form, name) => [...form.elements].filter((input) => input.name === name && !input.disabled).flatMap((input) =>
  input.type === "checkbox" || input.type === "radio" ? (input.checked ? [input.value === "1" ? "yes" : input.value] : []) : input.value ? [input.value] : []);

// Fields follow in their order, so that one that is hidden asks for no other.
function follow(form) {
  for (const field of form.querySelectorAll("[data-shown-if]")) {
    const wanted = JSON.parse(field.dataset.shownValues), given = said(form, field.dataset.shownIf);
    const shown = wanted.length ? given.some((value) => wanted.includes(value)) : given.some((value) => value !== "no");
    field.hidden = !shown;
    for (const input of field.querySelectorAll("input, select, textarea")) {
      input.disabled = !shown;
      if (input.type !== "checkbox" && "required" in field.dataset) input.required = shown;
    }
    const when = field.querySelector(".field-when");
    if (when) when.hidden = true;
  }
}

const all = () => { for (const form of document.forms) follow(form); };
document.addEventListener("input", ({ target }) => target.form && follow(target.form));
document.addEventListener("change", ({ target }) => target.form && follow(target.form));
document.addEventListener("htmx:afterSettle", all);
all();

document.addEventListener("live:changed", ({ detail }) => {
  const panel = document.getElementById("fields-ticket");
  if (detail.kind !== "ticket.fields" || Number(panel?.dataset.owner) !== detail.ticket || "editing" in panel.dataset) return;
  window.htmx.ajax("GET", panel.dataset.url, { target: panel, swap: "outerHTML" });
});
