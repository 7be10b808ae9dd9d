"""Custom fields of tickets and customers: define them, ask for them, read and write their values.

Templates draw them with ``custom_fields(fields, values, errors)`` of ``fields/macros.html``; ``from_form`` reads what
such a form sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.core.fields import fields as core
from helpdesk.core.fields import models
from helpdesk.core.fields.checking import asked, check
from helpdesk.core.fields.forms import PREFIX, Form, from_form
from helpdesk.core.fields.types import CHOOSING, KINDS, Field, Option, ShownIf, load
from helpdesk.core.journal.unit_of_work import UnitOfWork

from ._calls import writes

FIELDS, VALUES = models.CustomField.__table__, models.FieldValue.__table__


def all(uow: UnitOfWork, of: str | None = None, retired: bool = False) -> list[Field]:
    """The desk's fields in their order, of tickets, of customers or of both; retired ones only when asked for."""
    return core.all_fields(uow, of, retired)


def values(uow: UnitOfWork, of: str, owner_id: int) -> dict[str, Any]:
    """{name: value} of a ticket or customer that the actor may see: texts, numbers, lists of texts, True and False, a
    day in ISO 8601.
    """
    return core.values(uow, of, owner_id)


@writes
def save(uow: UnitOfWork, field: Field) -> Field:
    """Define a field, or change the one of this name; Invalid with a sentence for each part that does not fit."""
    return core.save(uow, field)


@writes
def remove(uow: UnitOfWork, name: str) -> None:
    """Delete a field with all its values; saving it as ``retired`` keeps them."""
    core.remove(uow, name)


@writes
def set_values(uow: UnitOfWork, of: str, owner_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Write some values of a ticket or customer, None for none; returns all of them. Invalid with a sentence for each
    that does not fit: then nothing is written.
    """
    return core.set_values(uow, of, owner_id, given)


__all__ = [
    "CHOOSING",
    "FIELDS",
    "KINDS",
    "PREFIX",
    "VALUES",
    "Field",
    "Form",
    "Option",
    "ShownIf",
    "all",
    "asked",
    "check",
    "from_form",
    "load",
    "remove",
    "save",
    "set_values",
    "values",
]
