"""What the API takes, as marshmallow schemas that refuse with our own sentences."""

from __future__ import annotations

from marshmallow import fields, validate

from helpdesk.core.database.columns import PRIORITIES, STATUSES
from helpdesk.core.fields.types import KINDS, LANGUAGES, OPTIONS, OWNERS
from helpdesk.core.outbox import by_hand
from helpdesk.core.outbox.by_hand import OUTCOMES
from helpdesk.core.tickets.message_models import FORMS

from .schema_parts import ONE_OF, TOO_LONG, Given, Moment, Text, Whole, choice

WORDS = {"keys": fields.String(validate=validate.OneOf(LANGUAGES, error=ONE_OF)), "values": Text(most=500)}
ASSIGNEE = r"^(me|none|[0-9]{1,18})(?!\n)$"  # "$" alone lets a line end pass


class Paged(Given):
    limit = Whole(text=True, most=1000, load_default=50, metadata={"description": "At most 200 are given at once."})
    cursor = Text(most=200, load_default=None, metadata={"description": "``next`` of the page before."})


class TicketQuery(Paged):
    status = choice(STATUSES, load_default=None)
    queue = Whole(text=True, load_default=None)
    assignee = Text(
        rule=validate.Regexp(ASSIGNEE, error=ONE_OF),
        load_default=None,
        metadata={"description": "An id, ``me`` or ``none``."},
    )
    q = Text(most=200, load_default="")


class MessageQuery(Paged):
    notes = Text(
        rule=validate.OneOf(["0", "1"], error=ONE_OF), load_default="0", metadata={"description": "1 gives notes, too."}
    )


class SearchQuery(Paged):
    q = Text(most=200, required=True)


class EventQuery(Given):
    since = Whole(text=True, least=0, load_default=0)
    limit = Whole(text=True, most=1000, load_default=100)
    cursor = Text(
        most=200, load_default=None, metadata={"description": "``next`` of the page before; goes before ``since``."}
    )


class TicketChange(Given):
    status = choice(STATUSES)
    priority = choice(PRIORITIES)
    queue = Whole()
    assignee = Whole(allow_none=True)
    tags = fields.List(Text(most=40), validate=validate.Length(max=20, error=TOO_LONG))


class ChosenTemplate(Given):
    name = Text(most=200, required=True)
    language = Text(most=20, load_default="")
    values = fields.List(Text(most=1000), validate=validate.Length(max=50, error=TOO_LONG), load_default=list)


class NewOutcome(Given):
    code = choice(OUTCOMES, required=True)
    note = Text(most=by_hand.LONGEST, load_default="")
    next_at = Moment(
        load_default=None,
        allow_none=True,
        metadata={"description": "When to try again. Left out, the channel's plan says when."},
    )


class NewReply(Given):
    text = Text(most=200_000, required=True, metadata={"description": "May be empty with a template."})
    html = Text(most=1_000_000, load_default="")
    to = fields.List(Text(most=254), validate=validate.Length(max=20, error=TOO_LONG))
    cc = fields.List(Text(most=254), validate=validate.Length(max=20, error=TOO_LONG))
    account = Whole(metadata={"description": "The account it leaves by. Left out, the one the customer wrote to last."})
    visibility = choice(
        ("private", "public"), metadata={"description": "Public where the channel carries what everybody may read."}
    )
    template = fields.Nested(
        ChosenTemplate, metadata={"description": "A template of the provider; its text may be left empty."}
    )
    buttons = fields.List(
        Text(most=200),
        validate=validate.Length(max=20, error=TOO_LONG),
        metadata={"description": "Short answers the customer gives by one tap, where the channel carries them."},
    )
    by_hand = fields.Boolean(metadata={"description": "A person carries it out and reports the outcome."})
    form = choice(FORMS)
    send_at = Moment()
    status = choice(STATUSES)
    seen = Whole(
        least=0,
        metadata={"description": "The last message its writer has read; what somebody else wrote since answers 409."},
    )


class NewTicket(Given):
    account = Whole(required=True, metadata={"description": "An account of the caller's queues that can write first."})
    to = Text(most=254, required=True)
    subject = Text(most=300, load_default="")
    text = Text(most=200_000, required=True)
    html = Text(most=1_000_000, load_default="")
    queue = Whole(load_default=None, allow_none=True, metadata={"description": "Left out, the account's own."})


class NewReaction(Given):
    emoji = Text(
        most=40,
        required=True,
        metadata={"description": "One of those the channel carries; empty takes the desk's own back."},
    )


class NewNote(Given):
    text = Text(most=200_000, required=True)


class NewMerge(Given):
    target = Whole(required=True, metadata={"description": "The ticket that takes this one in."})


class GivenOption(Given):
    value = Text(most=120, required=True)
    label = fields.Dict(**WORDS, load_default=dict)


class GivenCondition(Given):
    field = Text(most=40, required=True)
    values = fields.List(Text(most=120), validate=validate.Length(max=OPTIONS, error=TOO_LONG), load_default=list)


class GivenField(Given):
    of = choice(OWNERS, required=True)
    kind = choice(KINDS, required=True)
    label = fields.Dict(**WORDS, required=True, metadata={"description": "By language."})
    help = fields.Dict(**WORDS, load_default=dict)
    options = fields.List(
        fields.Nested(GivenOption), validate=validate.Length(max=OPTIONS, error=TOO_LONG), load_default=list
    )
    required = fields.Boolean(load_default=False)
    shown_if = fields.Nested(
        GivenCondition,
        load_default=None,
        allow_none=True,
        metadata={"description": "Asked for only while another field has one of these values, or any at all."},
    )
    retired = fields.Boolean(load_default=False)
    position = Whole(least=0, most=1_000_000, load_default=0)


class GivenValues(Given):
    values = fields.Dict(keys=Text(most=40), values=fields.Raw(allow_none=True), required=True)
