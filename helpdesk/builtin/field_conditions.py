"""Conditions on custom fields of tickets: ``field.<name>`` is true where the field has one of some values, a choice by
its value, a decision as "yes" or "no", a number in any way of writing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import ColumnElement, literal, or_, select

from helpdesk.api.fields import FIELDS, VALUES
from helpdesk.api.i18n import _
from helpdesk.api.rules import Condition, Scope, tickets

from .has_tag import has_tag

TEXTS = fields.List(fields.String(validate=validate.Length(1, 500)), required=True, validate=validate.Length(1, 100))


def of(name: str) -> Condition:
    """The condition on one field."""

    def where(wanted: list[str], scope: Scope) -> ColumnElement[bool]:
        found = select(VALUES.c.id).join(FIELDS, FIELDS.c.id == VALUES.c.field_id)
        mine = found.where(FIELDS.c.name == name, FIELDS.c.of == "ticket", VALUES.c.ticket_id == tickets.c.id)
        return mine.where(_is_one(wanted)).correlate(tickets).exists()

    def test(wanted: list[str], facts: Mapping[str, Any], scope: Scope) -> bool:
        return holds(facts["fields"].get(name), wanted)

    return Condition(f"field.{name}", name, TEXTS, where, test)


def holds(value: Any, wanted: Iterable[str]) -> bool:
    """True when a value is one of these texts."""
    if isinstance(value, list):
        return any(holds(each, wanted) for each in value)
    if isinstance(value, bool):
        return ("yes" if value else "no") in wanted
    if isinstance(value, int | float):
        return value in _numbers(wanted)
    return value in wanted


def _is_one(wanted: list[str]) -> ColumnElement[bool]:
    """The same as SQL over ``VALUES``."""
    plain = [*wanted, *(one for number in _numbers(wanted) for one in _written(number))]
    plain += [word == "yes" for word in wanted if word in ("yes", "no")]
    texts = (literal(one, VALUES.c.value.type) for one in plain)  # bound as JSON, true and false too
    return or_(*(VALUES.c.value == text for text in texts), *(has_tag(VALUES.c.value, word) for word in wanted))


def _numbers(wanted: Iterable[str]) -> list[float]:
    found = []
    for word in wanted:
        try:
            found.append(float(word))
        except ValueError:
            continue
    return [number for number in found if abs(number) < 1e16]


def _written(number: float) -> list[int | float]:
    """A number as JSON may have it: SQLite compares the text of it."""
    return [number, int(number)] if number.is_integer() else [number]


FIELD = Condition("field.*", _("Custom field"), TEXTS, lambda value, scope: or_(False), of=of)
