"""What happens to tickets and their messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from helpdesk.core.errors import _

from .registry import DomainEvent, TicketId


class TicketFacts(TypedDict, total=False):
    """A ticket's facts before or after; ``snoozed_until`` in ISO 8601."""

    status: str
    priority: str
    queue: int
    assignee: int | None
    tags: list[str]
    snoozed_until: str | None


@dataclass(frozen=True, kw_only=True)
class _Changing(DomainEvent):
    before: TicketFacts
    after: TicketFacts


@dataclass(frozen=True, kw_only=True)
class TicketOpened(DomainEvent, kind="ticket.opened", label=_("Ticket opened"), icon="letter"):
    """A new ticket. ``silent``: nobody is to be written to because of it; ``partial``: only a part of its message
    could be taken in.
    """

    after: TicketFacts
    silent: bool = False
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketChanged(
    _Changing, kind="ticket.changed", label=_("Ticket changed"), timeline=_("%(who)s changed the ticket")
):
    """A person or a rule changed facts; status, queue and assignee are always there, the others when they changed."""


@dataclass(frozen=True, kw_only=True)
class TicketRead(DomainEvent, kind="ticket.read", label=_("Ticket read")):
    """Somebody who may answer opened it: nothing on it is new any more."""


@dataclass(frozen=True, kw_only=True)
class TicketMerged(
    _Changing,
    kind="ticket.merged",
    label=_("Tickets merged"),
    icon="merge",
    timeline=_("%(who)s merged %(source)s into %(target)s"),
):
    """``source`` went into ``target``; recorded for both. ``merge`` is the row that can undo it."""

    merge: int
    source: TicketId
    target: TicketId


@dataclass(frozen=True, kw_only=True)
class TicketUnmerged(
    _Changing,
    kind="ticket.unmerged",
    label=_("Merge undone"),
    icon="merge",
    timeline=_("%(who)s took back the merge of %(source)s into %(target)s"),
):
    """A merge was undone; recorded for both."""

    merge: int
    source: TicketId
    target: TicketId


@dataclass(frozen=True, kw_only=True)
class MessageReceived(_Changing, kind="message.received", label=_("Message received"), icon="letter"):
    """A participant wrote on a ticket that was there, which is open now. ``silent`` and ``partial`` as in
    TicketOpened.
    """

    silent: bool = False
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageAutomatic(MessageReceived, kind="message.automatic", label=_("Message filed"), icon="letter"):
    """An automatic or imported message came: it reopens nothing."""


@dataclass(frozen=True, kw_only=True)
class MessageUnverified(
    MessageReceived, kind="message.unverified", label=_("Unverified message received"), icon="shield"
):
    """Nothing proves that the sender belongs here (law 6): it reopens nothing until an agent accepts them, unless
    the address takes part.
    """


@dataclass(frozen=True, kw_only=True)
class MessageAccepted(
    _Changing,
    kind="message.accepted",
    label=_("Sender accepted"),
    icon="shield",
    timeline=_("%(who)s accepted the new sender"),
):
    """An agent accepted an unverified sender."""


@dataclass(frozen=True, kw_only=True)
class ReplyQueued(_Changing, kind="reply.queued", label=_("Reply queued"), icon="send"):
    """Somebody answered; the message waits for its delivery."""


@dataclass(frozen=True, kw_only=True)
class ReplyWithdrawn(_Changing, kind="reply.withdrawn", label=_("Reply withdrawn")):
    """A reply was taken back before it left."""


@dataclass(frozen=True, kw_only=True)
class ReplyAutomatic(DomainEvent, kind="reply.automatic", label=_("Automatic reply queued"), icon="send"):
    """The desk itself answers."""


@dataclass(frozen=True, kw_only=True)
class ReplyWithheld(DomainEvent, kind="reply.withheld", label=_("Automatic reply withheld")):
    """The desk has written enough by itself to unproved addresses: ``why`` is "hour" for all of them, "source" for
    those of one origin.
    """

    why: str


@dataclass(frozen=True, kw_only=True)
class NoteAdded(DomainEvent, kind="note.added", label=_("Note added"), icon="lock"):
    """Somebody wrote an internal note."""


@dataclass(frozen=True, kw_only=True)
class NoteWithdrawn(DomainEvent, kind="note.withdrawn", label=_("Note withdrawn")):
    """A note was taken back right after it was written."""


@dataclass(frozen=True, kw_only=True)
class TicketFields(
    DomainEvent, kind="ticket.fields", label=_("Fields changed"), timeline=_("%(who)s filled in fields of the ticket")
):
    """Values of custom fields were changed; ``fields`` are their names."""

    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class FieldDefined(DomainEvent, kind="field.defined", label=_("Custom field changed")):
    """An admin defined, changed or removed the custom field of this name."""

    field: str


KINDS = (
    TicketOpened,
    TicketChanged,
    TicketRead,
    TicketMerged,
    TicketUnmerged,
    MessageReceived,
    MessageAutomatic,
    MessageUnverified,
    MessageAccepted,
    ReplyQueued,
    ReplyWithdrawn,
    ReplyAutomatic,
    ReplyWithheld,
    NoteAdded,
    NoteWithdrawn,
    TicketFields,
    FieldDefined,
)
