"""The conditions every desk has: a ticket's facts and its times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import ColumnElement, false, func, or_

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _
from helpdesk.api.rules import Condition, Scope, follow, target_of, tickets
from helpdesk.api.tickets import PRIORITIES, STATUSES

from .field_conditions import FIELD
from .has_tag import has_tag

DESCRIPTION = _("The conditions of list views and rules that every desk has.")
T = tickets.c
MANY = validate.Length(1, 100)
AGE = {"strict": True, "validate": validate.Range(1, 10 * 365 * 24 * 60)}
ME, NOBODY = "me", "nobody"


def _one_of(name: str, label: str, column: str, choices: fields.Field) -> Condition:
    """A fact that is one of the given."""
    return Condition(
        name,
        label,
        fields.List(choices, required=True, validate=MANY),
        lambda value, scope: T[column].in_(value),
        lambda value, facts, scope: facts[column] in value,
    )


def _is(name: str, label: str, where: ColumnElement[bool], test: Callable[[Any], bool]) -> Condition:
    """A fact that holds or does not."""
    return Condition(
        name,
        label,
        fields.Boolean(required=True),
        lambda value, scope: where if value else ~where,
        lambda value, facts, scope: test(facts) == value,
    )


def _within(name: str, label: str, column: str) -> Condition:
    """A moment that lies at most so many minutes back."""

    def test(minutes: int, facts: Any, scope: Scope) -> bool:
        return facts[column] > scope.now - timedelta(minutes=minutes)

    def changes(minutes: int, facts: Any, scope: Scope) -> datetime:
        return facts[column] + timedelta(minutes=minutes)

    return Condition(
        name,
        label,
        fields.Integer(**AGE),
        lambda minutes, scope: T[column] > scope.now - timedelta(minutes=minutes),
        test,
        changes,
    )


def _assignees(value: list, scope: Scope) -> set[int | None]:
    """Ids, with None for nobody; whoever asks without being somebody is not "me" of any ticket."""
    named = {v for v in value if v not in (ME, NOBODY)}
    return named | ({scope.me} if ME in value and scope.me else set()) | ({None} if NOBODY in value else set())


def _assigned(value: list, scope: Scope) -> ColumnElement[bool]:
    wanted = _assignees(value, scope)
    people = T.assignee_id.in_(sorted(w for w in wanted if w is not None))
    found = or_(people, T.assignee_id.is_(None)) if None in wanted else people
    return func.coalesce(found, false())


def _due(minutes: int, scope: Scope) -> ColumnElement[bool]:
    return T.target_at <= scope.now + timedelta(minutes=minutes)


def _due_changes(minutes: int, facts: Any, scope: Scope) -> datetime | None:
    target = target_of(facts["target_at"])
    return target and target - timedelta(minutes=minutes)


def _person(value: Any) -> Any:
    if value in (ME, NOBODY) or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63):
        return value
    raise validate.ValidationError("no person")


IDS = fields.Integer(strict=True, validate=validate.Range(1, 2**63 - 1))
PERSON = fields.Raw(required=True, validate=_person)
TEXT = fields.String(validate=validate.Length(1, 120))

CONDITIONS = [
    _one_of("status", _("Status"), "status", fields.String(validate=validate.OneOf(STATUSES))),
    _one_of("priority", _("Priority"), "priority", fields.String(validate=validate.OneOf(PRIORITIES))),
    _one_of("queue", _("Queue"), "queue_id", IDS),
    _one_of("channel", _("Channel"), "channel", TEXT),
    _one_of("account", _("Account"), "account_id", IDS),
    _one_of("customer", _("Customer"), "customer_id", IDS),
    Condition(
        "assignee",
        _("Assignee"),
        fields.List(PERSON, required=True, validate=MANY),
        _assigned,
        lambda value, facts, scope: facts["assignee_id"] in _assignees(value, scope),
    ),
    Condition(
        "tags",
        _("Tags"),
        fields.List(TEXT, required=True, validate=MANY),
        lambda value, scope: or_(*(has_tag(T.tags, tag) for tag in value)),
        lambda value, facts, scope: bool(set(value) & set(facts["tags"] or ())),
    ),
    _is("active", _("Open work"), T.active, lambda facts: facts["active"]),
    _is("unread", _("Unread"), T.unread > 0, lambda facts: facts["unread"] > 0),
    _is("snoozed", _("Snoozed"), T.snoozed_until.is_not(None), lambda facts: facts["snoozed_until"] is not None),
    _within("created_within", _("Created within minutes"), "created_at"),
    _within("updated_within", _("Changed within minutes"), "updated_at"),
    Condition(
        "due_within",
        _("Due within minutes"),
        fields.Integer(strict=True, validate=validate.Range(0, 10 * 365 * 24 * 60)),
        _due,
        lambda minutes, facts, scope: facts["target_at"] <= scope.now + timedelta(minutes=minutes),
        _due_changes,
    ),
    FIELD,
]


@hookimpl
def register_conditions() -> list[Condition]:
    """A ticket's facts and times."""
    return CONDITIONS


@hookimpl
def on_customers_merged(source_id, target_id, uow):
    """Saved views that ask for the customer who is gone ask for the one who has everything now."""
    follow(uow, "customer", source_id, target_id)
