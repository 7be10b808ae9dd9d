"""Custom fields as templates draw them: their words in the reader's language, and values as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Flask, render_template
from markupsafe import Markup

from helpdesk.core.fields import fields as core
from helpdesk.core.fields.checking import asked
from helpdesk.core.fields.forms import PREFIX
from helpdesk.core.fields.types import Field
from helpdesk.i18n import current, number, render_stored
from helpdesk.i18n import date as day_text
from helpdesk.i18n import gettext as _
from helpdesk.i18n.calendars import typed_date
from helpdesk.i18n.names import in_language
from helpdesk.web import uow
from helpdesk.web.http.template_helpers import address


def label_of(field: Field) -> str:
    """A field's label in the reader's language."""
    return in_language(field.label) or field.name


def option_of(field: Field, value: str) -> str:
    """The words of an option in the reader's language; a value that is no option any more as it is."""
    option = next((option for option in field.options if option.value == value), None)
    return (in_language(option.label) if option else "") or value


def value_text(field: Field, value: Any) -> str:
    """A value as people read it."""
    if field.kind == "choice":
        return option_of(field, value)
    if field.kind == "choices":
        return _(", ").join(option_of(field, each) for each in value)
    if field.kind in ("yes_no", "consent"):
        return _("Yes") if value else _("No")
    if field.kind == "date":
        return day_text(date.fromisoformat(value))
    if field.kind == "number":
        return number(value)
    return address(value) if field.kind == "phone" else str(value)


def condition_text(field: Field, fields: Iterable[Field]) -> str:
    """When a field is asked for, for a page without script; "" when it always is."""
    other = next((each for each in fields if field.shown_if and each.name == field.shown_if.field), None)
    if other is None or field.shown_if is None:
        return ""
    words = [_said(other, value) for value in field.shown_if.values]
    if not words:
        return _("Only with “%(field)s”", field=label_of(other))
    return _("Only with “%(field)s”: %(values)s", field=label_of(other), values=_(" or ").join(words))


def _said(field: Field, value: str) -> str:
    if field.kind in ("yes_no", "consent"):
        return _("Yes") if value == "yes" else _("No")
    return option_of(field, value)


def panel(of: str, owner_id: int, editing: bool = False, errors: Mapping[str, str] = {}, given: Any = None) -> Markup:
    """What a ticket or customer holds, or the form to change it; an empty place where nothing is to be told."""
    held = core.values(uow(), of, owner_id)
    known = core.all_fields(uow(), of, retired=True)
    shown = [field for field in known if field.name in held and field.retired] + asked(known, held)
    rows = [(label_of(field), value_text(field, held[field.name]), field) for field in shown if field.name in held]
    return Markup(
        render_template(
            "fields/panel.html",
            of=of,
            owner_id=owner_id,
            editing=editing,
            rows=rows,
            fields=[field for field in known if not field.retired],
            values=held if given is None else given,
            errors=errors,
            writes=uow().actor.may(core.WRITE[of]),
        )
    )


def register(app: Flask) -> None:
    """Give them to the templates of this application."""
    app.jinja_env.globals.update(
        field_panel=panel,
        field_label=label_of,
        field_option=option_of,
        field_condition=condition_text,
        field_text=value_text,
        field_prefix=PREFIX,
        days_typed=_days_typed,
    )
    app.jinja_env.filters.update(in_language=in_language, stored=render_stored, typed_day=_typed_day)


def _days_typed() -> bool:
    """True for a reader whose calendar no browser has a picker for."""
    return current.get().calendar != "gregorian"


def _typed_day(value: Any) -> str:
    """A day as a form's input shows it: in the reader's calendar, or whatever was typed."""
    try:
        return typed_date(date.fromisoformat(str(value)), current.get().calendar)
    except ValueError:
        return str(value or "")
