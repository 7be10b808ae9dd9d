"""What the API gives, as marshmallow schemas that describe it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from helpdesk.core.database.columns import PRIORITIES, STATUSES
from helpdesk.core.fields.types import KINDS, OWNERS
from helpdesk.core.permissions import ROLES
from helpdesk.core.tickets.message_models import FORMS, VISIBILITIES, WHISPER


class Problem(Schema):
    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.String())
    newest = fields.Integer(
        metadata={"description": "On a reply that somebody else was quicker with: the last message since ``seen``."}
    )
    newer = fields.List(fields.Dict(), metadata={"description": "The messages since ``seen``."})


class Named(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)


class Clock(Schema):
    clock = fields.String(required=True)
    target_at = fields.DateTime(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(("pending", "running", "paused")))


class Ticket(Schema):
    id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    subject = fields.String(required=True)
    preview = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    queue = fields.Nested(Named, required=True)
    assignee = fields.Nested(Named, required=True, allow_none=True)
    customer = fields.Nested(Named, required=True)
    channel = fields.String(required=True)
    target_at = fields.DateTime(required=True, allow_none=True)
    sla = fields.List(fields.Nested(Clock), required=True)
    snoozed_until = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    unread = fields.Integer(required=True)
    tags = fields.List(fields.String(), required=True)
    merged_into = fields.Integer(required=True, allow_none=True)
    last_message = fields.Integer(required=True)
    simulated = fields.Boolean(required=True)


class Listed(Ticket):
    found = fields.String()  # only where words were asked for


class Found(Ticket):
    found = fields.String(required=True)


class Address(Schema):
    kind = fields.String(required=True)
    value = fields.String(required=True)
    name = fields.String(required=True)


class Attempt(Schema):
    at = fields.DateTime(required=True)
    outcome = fields.String(required=True)
    detail = fields.String(required=True)


class Delivery(Schema):
    id = fields.Integer(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    to = fields.List(fields.Nested(Address), required=True)
    cc = fields.List(fields.Nested(Address), required=True)
    due_at = fields.DateTime(required=True)
    sent_at = fields.DateTime(required=True, allow_none=True)
    delivered_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "As the other side reported it."}
    )
    read_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "As the other side reported it."}
    )
    by_hand = fields.Boolean(
        required=True, metadata={"description": "A person carries it out and reports the outcome."}
    )
    tries = fields.Integer(required=True)
    missed = fields.List(
        fields.String(), required=True, metadata={"description": "Recipients among several who were not reached."}
    )
    attempts = fields.List(
        fields.Nested(Attempt), metadata={"description": "In lists of messages: what was tried by hand, oldest first."}
    )


class File(Named):
    type = fields.String(required=True)
    size = fields.Integer(required=True)
    inline = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("ready", "waiting", "failed")))


class Reaction(Schema):
    emoji = fields.String(required=True)
    kind = fields.String(required=True)
    address = fields.String(required=True)
    name = fields.String(required=True)
    at = fields.DateTime(required=True)
    refused = fields.String(required=True, metadata={"description": "Why the provider did not take the desk's own."})


class Message(Schema):
    id = fields.Integer(required=True)
    ticket = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("in", "out", "note")))
    form = fields.String(required=True, validate=validate.OneOf([*FORMS, WHISPER]))
    account = fields.Nested(Named, required=True, allow_none=True)
    channel = fields.String(required=True, metadata={"description": "The account's channel; empty for a note."})
    visibility = fields.String(required=True, validate=validate.OneOf(VISIBILITIES))
    external_ids = fields.List(
        fields.String(), required=True, metadata={"description": "Ids by which the other side knows it."}
    )
    edited_at = fields.DateTime(required=True, allow_none=True)
    deleted_at = fields.DateTime(required=True, allow_none=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    author = fields.String(required=True)
    address = fields.String(required=True)
    text = fields.String(required=True)
    quoted = fields.String(required=True)
    html = fields.String(required=True)
    at = fields.DateTime(required=True)
    automatic = fields.String(required=True)
    unverified = fields.Boolean(required=True)
    buttons = fields.List(fields.String(), required=True, metadata={"description": "Answers to tap below it."})
    doubt = fields.String(required=True, validate=validate.OneOf(("", "stranger", "unproved", "forged", "bearer")))
    files = fields.List(fields.Nested(File), required=True)
    delivery = fields.Nested(Delivery, required=True, allow_none=True)


class Merge(Schema):
    id = fields.Integer(required=True)
    source = fields.Integer(required=True)
    target = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    undone_at = fields.DateTime(required=True, allow_none=True)


class Identity(Schema):
    kind = fields.String(required=True)
    address = fields.String(required=True)
    verified = fields.Boolean(required=True)
    bounced = fields.String(required=True)


class Customer(Named):
    language = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    identities = fields.List(fields.Nested(Identity), required=True)
    tickets = fields.List(fields.Nested(Ticket), required=True)
    total = fields.Integer(required=True)


class RawMessage(Schema):
    id = fields.Integer(required=True)
    account = fields.Nested(Named, required=True)
    size = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    reason = fields.String(required=True)
    attempts = fields.Integer(required=True)


class Event(Schema):
    seq = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True)
    actor = fields.String(required=True)
    ticket = fields.Integer(required=True)
    message = fields.Integer(required=True, allow_none=True)
    data = fields.Dict(required=True)


class Account(Named):
    channel = fields.String(required=True)
    address = fields.String(required=True)
    queue = fields.Nested(Named, required=True)
    enabled = fields.Boolean(required=True)
    failing = fields.Boolean(required=True)


class Queue(Named):
    target_minutes = fields.Integer(required=True, metadata={"description": "Minutes."})


class User(Named):
    role = fields.String(required=True, metadata={"description": f"{', '.join(ROLES)}, or one of the desk's own."})


class Me(User):
    email = fields.String(required=True)
    language = fields.String(required=True)
    queues = fields.List(fields.Integer(), required=True)
    permissions = fields.List(fields.String(), required=True)


class Option(Schema):
    value = fields.String(required=True)
    label = fields.Dict(required=True)


class Condition(Schema):
    field = fields.String(required=True)
    values = fields.List(fields.String(), required=True)


class Field(Schema):
    name = fields.String(required=True)
    of = fields.String(required=True, validate=validate.OneOf(OWNERS))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    label = fields.Dict(required=True)
    help = fields.Dict(required=True)
    options = fields.List(fields.Nested(Option), required=True)
    required = fields.Boolean(required=True)
    shown_if = fields.Nested(Condition, required=True, allow_none=True)
    retired = fields.Boolean(required=True)
    position = fields.Integer(required=True)


class Values(Schema):
    values = fields.Dict(required=True, metadata={"description": "By the fields' names; what is empty is left out."})


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of one page of these: its items, and the cursor of the next or null."""
    shape = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return type(f"{item.__name__}s", (Schema,), shape)
