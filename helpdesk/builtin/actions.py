"""The actions every desk has: change a ticket's facts, write a note."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from marshmallow import fields, validate

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _
from helpdesk.api.messages import note
from helpdesk.api.rules import Action, Step
from helpdesk.api.tickets import PRIORITIES, STATUSES, change, snooze

DESCRIPTION = _("The actions of rules and macros that every desk has.")
IDS = validate.Range(1, 2**63 - 1)


def _change(fact: str, ticket_id: int, value: Any) -> list[Step]:
    return [Step(change, ticket_id, **{fact: value})]


ACTIONS = [
    Action(
        "status",
        _("Set the status"),
        fields.String(required=True, validate=validate.OneOf(STATUSES)),
        partial(_change, "status"),
    ),
    Action(
        "priority",
        _("Set the priority"),
        fields.String(required=True, validate=validate.OneOf(PRIORITIES)),
        partial(_change, "priority"),
    ),
    Action(
        "assign",
        _("Assign to"),
        fields.Integer(required=True, allow_none=True, strict=True, validate=IDS),
        partial(_change, "assignee_id"),
    ),
    Action(
        "queue",
        _("Move to the queue"),
        fields.Integer(required=True, strict=True, validate=IDS),
        partial(_change, "queue_id"),
    ),
    Action(
        "add_tags",
        _("Add tags"),
        fields.List(fields.String(validate=validate.Length(1, 120)), required=True, validate=validate.Length(1, 20)),
        partial(_change, "more_tags"),
    ),
    Action(
        "snooze",
        _("Snooze for minutes"),
        fields.Integer(required=True, strict=True, validate=validate.Range(1, 365 * 24 * 60)),
        lambda ticket_id, minutes: [Step(snooze, ticket_id, timedelta(minutes=minutes))],
    ),
    Action(
        "note",
        _("Write a note"),
        fields.String(required=True, validate=validate.Length(1, 20_000)),
        lambda ticket_id, text: [Step(note, ticket_id, text)],
    ),
]


@hookimpl
def register_actions() -> list[Action]:
    """Change facts, write a note."""
    return ACTIONS
