"""Settings of custom fields: which there are, their words in both languages, their options and conditions."""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.errors import Conflict, Invalid, _
from helpdesk.core.fields import fields as core
from helpdesk.core.fields.types import KINDS, OPTIONS, OWNERS, Field, Option, ShownIf
from helpdesk.web import uow

from .pages import blueprint, done

KIND_WORDS = {
    "text": _("Text"),
    "long_text": _("Long text"),
    "number": _("Number"),
    "choice": _("One of several"),
    "choices": _("Several of several"),
    "date": _("Date"),
    "yes_no": _("Yes or no"),
    "phone": _("Telephone number"),
    "email": _("E-mail address"),
    "consent": _("Consent"),
}
OWNER_WORDS = {"ticket": _("Tickets"), "customer": _("Customers")}


@blueprint.get("/fields")
def fields():
    """All fields, and the form of a new one."""
    return _page(Field(name=""))


@blueprint.post("/fields")
def add_field():
    """A new field."""
    return _saved(_typed(request.form.get("name", "").strip()), new=True)


@blueprint.get("/fields/<name>")
def field(name: str):
    """One field."""
    return _page(core.get(uow(), name))


@blueprint.post("/fields/<name>")
def change_field(name: str):
    """Change a field."""
    core.get(uow(), name)
    return _saved(_typed(name), new=False)


@blueprint.post("/fields/<name>/remove")
def remove_field(name: str):
    """Delete a field with all its values."""
    try:
        core.remove(uow(), name)
    except Conflict as problem:
        return _page(core.get(uow(), name), problem), problem.status
    return done(_("The field is deleted, with all its values."), "fields")


def _saved(given: Field, new: bool):
    taken = _("There is a field of this name already.")
    try:
        if new and any(each.name == given.name for each in core.all_fields(uow(), retired=True)):
            raise Invalid(taken, {"name": taken})
        core.save(uow(), given)
    except (Invalid, Conflict) as problem:
        return _page(given, problem, new), problem.status
    return done(_("Saved."), "fields")


def _typed(name: str) -> Field:
    form = request.form
    other, wanted = form.get("shown_field", ""), form.get("shown_values", "").splitlines()
    return Field(
        name=name,
        of=form.get("of", ""),
        kind=form.get("kind", ""),
        label={"en": form.get("label_en", ""), "fa": form.get("label_fa", "")},
        help={"en": form.get("help_en", ""), "fa": form.get("help_fa", "")},
        options=tuple(map(_option, filter(str.strip, form.get("options", "").splitlines()[: OPTIONS + 1]))),
        required="required" in form,
        shown_if=ShownIf(other, tuple(filter(None, map(str.strip, wanted)))) if other else None,
        retired="retired" in form,
    )


def _option(line: str) -> Option:
    """An option as a line "value = English | Persian"; the value may be left out."""
    value, sign, words = line.partition("=")
    english, _bar, persian = (words if sign else value).partition("|")
    return Option(value.strip() if sign else english.strip(), {"en": english.strip(), "fa": persian.strip()})


def _line(option: Option) -> str:
    return f"{option.value} = {' | '.join(filter(None, (option.label.get('en'), option.label.get('fa'))))}"


def _page(chosen: Field, problem: Invalid | Conflict | None = None, new: bool | None = None) -> str:
    known = core.all_fields(uow(), retired=True)
    return render_template(
        "admin/fields.html",
        fields=known,
        chosen=chosen,
        new=not chosen.name if new is None else new,
        kinds=[(kind, KIND_WORDS[kind]) for kind in KINDS],
        owners=[(owner, OWNER_WORDS[owner]) for owner in OWNERS],
        options="\n".join(map(_line, chosen.options)),
        others=[each for each in known if each.name != chosen.name],
        problem=problem,
        errors=getattr(problem, "fields", {}),
    )
