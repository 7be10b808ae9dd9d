"""Saved views: putting one together from conditions, and deleting it. A condition brings its own field, whatever plugin
it is of.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import fields, validate

from helpdesk.core.errors import Invalid
from helpdesk.core.fields import fields as custom_fields
from helpdesk.core.people import users
from helpdesk.core.rules.conditions import Condition
from helpdesk.core.text import digits
from helpdesk.core.tickets import saved_views
from helpdesk.i18n import current, gettext
from helpdesk.web import runtime, uow

from .navigation import own_queues

FEW = 12  # conditions of one form
DECIDED = ("yes_no", "consent")  # kinds of custom fields that are a decision


@dataclass
class Row:
    """One condition of the form. ``kind``: ticks, select, switch, number or text (with commas between several)."""

    name: str
    label: str
    kind: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    value: Any = ""


def mount(blueprint: Blueprint) -> None:
    """Put these routes on the list's blueprint."""
    blueprint.get("/views/new", endpoint="new_view")(new)
    blueprint.post("/views/new", endpoint="save_view")(save)
    blueprint.post("/views/saved/<int:view_id>/delete", endpoint="delete_view")(delete)


def new():
    """The form: which conditions, then what each compares with."""
    uow().actor.must("tickets.read")
    return _form()


def save():
    """Save the view and open it."""
    known = _known()
    names = _chosen(request.form, known)
    conditions = {"all": [{"condition": name, "value": _given(known[name])} for name in names]}
    try:
        view = saved_views.create(uow(), request.form.get("name", ""), conditions, shared="shared" in request.form)
    except Invalid as problem:
        return _form(problem), 422
    return redirect(url_for("queue.saved", view_id=view.id))


def delete(view_id: int):
    """Delete the view."""
    saved_views.delete(uow(), view_id)
    return redirect(url_for("queue.home"))


def _form(problem: Invalid | None = None) -> str:
    known, asked = _known(), request.form if problem else request.args
    chosen = _chosen(asked, known)
    rows = [_row(known[name], asked) for name in chosen]
    others = sorted((gettext(condition.label), name) for name, condition in known.items() if name not in chosen)
    return render_template(
        "queue/new_view.html",
        rows=rows,
        others=others,
        chosen=chosen,
        problem=problem,
        name=asked.get("name", ""),
        here="new-view",
    )


def _known() -> dict[str, Condition]:
    """The conditions by name, for a family those of the desk's custom fields."""
    declared = runtime().conditions
    known = {name: condition for name, condition in declared.items() if condition.of is None}
    for each in custom_fields.all_fields(uow(), "ticket"):
        if found := declared.find(f"field.{each.name}"):
            words = each.label.get(current.get().language) or next(iter(each.label.values()), each.name)
            known[found.name] = replace(found, label=words, value=_one_of(each) or found.value)
    return known


def _one_of(each: custom_fields.Field) -> fields.Field | None:
    """What is chosen from for a field with options, and for a decision."""
    language = current.get().language
    options = [(one.value, one.label.get(language) or one.value) for one in each.options]
    options = options or ([("yes", gettext("Yes")), ("no", gettext("No"))] if each.kind in DECIDED else [])
    values, labels = [value for value, _label in options], [label for _value, label in options]
    one = fields.String(validate=validate.OneOf(values, labels))
    return fields.List(one, required=True, validate=validate.Length(1)) if options else None


def _chosen(given, known: dict[str, Condition]) -> list[str]:
    return [name for name in dict.fromkeys(given.getlist("with")) if name in known][:FEW]


def _row(condition: Condition, given) -> Row:
    choices = _choices(condition)
    several = isinstance(condition.value, fields.List)
    kind = "ticks" if several and choices else "select" if choices else kind_of(condition.value)
    value = given.getlist(condition.name) if kind == "ticks" else given.get(condition.name, "")
    return Row(condition.name, gettext(condition.label), kind, choices, value)


def kind_of(value: fields.Field) -> str:
    """How a value is asked for that has no choices."""
    if isinstance(value, fields.Boolean):
        return "switch"
    return "number" if isinstance(value, fields.Integer) else "text"


def _choices(condition: Condition) -> list[tuple[str, str]]:
    """The desk's own conditions by what the reader may choose from, others by their validator."""
    if condition.name in OFFERED:
        return OFFERED[condition.name]()
    return choices_of(condition.value.inner if isinstance(condition.value, fields.List) else condition.value)


def choices_of(value: fields.Field) -> list[tuple[str, str]]:
    """What a field's validator lets one choose from."""
    for rule in value.validators:
        if isinstance(rule, validate.OneOf):
            labels = [*rule.labels, *list(rule.choices)[len(rule.labels) :]]
            return [(str(choice), gettext(str(label))) for choice, label in zip(rule.choices, labels, strict=True)]
    return []


def _given(condition: Condition) -> Any:
    """What the form gives a condition, as its field takes it."""
    value, many = condition.value, isinstance(condition.value, fields.List)
    if isinstance(value, fields.Boolean):
        return condition.name in request.form
    texts = request.form.getlist(condition.name)
    if many and not _choices(condition):
        texts = [part for text in texts for part in text.replace("،", ",").split(",")]
    found = [typed(value.inner if many else value, text.strip()) for text in texts if text.strip()]
    return found if many else (found or [None])[0]


def typed(value: fields.Field, text: str) -> Any:
    """A text of a form as its field takes it: whole numbers in any digits."""
    number = digits(text, "en")
    whole = isinstance(value, fields.Integer) or type(value) is fields.Raw
    return int(number) if whole and number.isascii() and number.isdigit() and len(number) < 19 else text


def _statuses() -> list[tuple[str, str]]:
    words = {
        "open": gettext("Open"),
        "pending": gettext("Pending"),
        "waiting": gettext("Waiting for customer"),
        "solved": gettext("Solved"),
    }
    return list((words | {"closed": gettext("Closed")}).items())


def _priorities() -> list[tuple[str, str]]:
    return [
        ("urgent", gettext("Urgent")),
        ("high", gettext("High")),
        ("normal", gettext("Normal")),
        ("low", gettext("Low")),
    ]


def _queues() -> list[tuple[str, str]]:
    return [(str(queue.id), queue.name) for queue in own_queues()]


def _people() -> list[tuple[str, str]]:
    named = [(str(person.id), person.name) for person in users.visible_colleagues(uow(), "tickets.write")]
    return [("me", gettext("Me")), ("nobody", gettext("Nobody")), *named]


def _channels() -> list[tuple[str, str]]:
    return [(name, gettext(channel.label)) for name, channel in runtime().channels.items()]


OFFERED = {"status": _statuses, "priority": _priorities, "queue": _queues, "assignee": _people, "channel": _channels}
