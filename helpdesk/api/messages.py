"""Messages: read a conversation, answer, write notes, let the desk answer by itself, withdraw and retry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import automatic as core
from helpdesk.core.outbox import by_hand, delivery_outcomes, message_events, own_reactions, replies
from helpdesk.core.tickets import draft_files, external_ids, message_models, timeline, undo
from helpdesk.core.tickets.visibility import visible_ticket

from . import ways
from ._calls import writes
from ._messages import Attachment, Attempt, Delivery, Message, of_attachment, of_message

SAME = "same"  # as the customer wrote last


def get(uow: UnitOfWork, message_id: int) -> Message:
    """A message of a ticket the actor may see."""
    row = by_id(uow.session, message_models.Message, message_id, populate_existing=True)
    if row is None:
        raise NotFound()
    visible_ticket(uow, row.ticket_id)
    return of_message(row)


def known_as(uow: UnitOfWork, account_id: int, external_id: str) -> Message | None:
    """The message of an account by an id of the other side's, for the plugin of its channel; None while there is none.
    Whoever acts is not asked.
    """
    message_id = external_ids.message_of(uow, account_id, [external_id])
    row = by_id(uow.session, message_models.Message, message_id, populate_existing=True) if message_id else None
    return of_message(row) if row else None


def of_ticket(
    uow: UnitOfWork, ticket_id: int, *, notes: bool = False, after: int = 0, limit: int = 50
) -> list[Message]:
    """Messages of a ticket, oldest first, those after an id; internal notes only when asked for."""
    found, _next = timeline.messages(uow, ticket_id, notes=notes, after=after, limit=limit)
    rows = (
        uow.session.query(message_models.Message)
        .where(message_models.Message.id.in_([item["id"] for item in found]))
        .order_by(message_models.Message.id)
    )
    return [of_message(row) for row in rows]


def files(uow: UnitOfWork, message_id: int) -> list[Attachment]:
    """The files of a message."""
    get(uow, message_id)
    rows = (
        uow.session.query(message_models.Attachment)
        .where(message_models.Attachment.message_id == message_id)
        .order_by(message_models.Attachment.id)
    )
    return [of_attachment(row) for row in rows]


def files_of(uow: UnitOfWork, ticket_id: int) -> dict[int, list[Attachment]]:
    """The files of a ticket that are there, by message."""
    visible_ticket(uow, ticket_id)
    table, found = message_models.Attachment, defaultdict(list)
    query = select(table).join(message_models.Message, message_models.Message.id == table.message_id)
    ready = query.where(message_models.Message.ticket_id == ticket_id, table.state == "ready").order_by(table.id)
    for row in uow.session.scalars(ready):
        found[row.message_id].append(of_attachment(row))
    return dict(found)


def delivery(uow: UnitOfWork, message_id: int) -> Delivery | None:
    """The delivery of a message of ours with its tries, oldest first; None for a message that has none."""
    get(uow, message_id)
    query = select(message_models.Delivery).where(message_models.Delivery.message_id == message_id)
    row = uow.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        return None
    tries = tuple(Attempt(each.at, each.outcome, each.detail) for each in row.attempts)
    return Delivery(row.id, row.state, row.due_at, row.tries, tries)


@writes
def reply(
    uow: UnitOfWork,
    ticket_id: int,
    text: str,
    *,
    html: str = "",
    to: Sequence[Address] = (),
    send_at: datetime | None = None,
    status: str | None = None,
    files: Sequence[File] = (),
    undo: float = 0,
    seen: int | None = None,
    account_id: int | None = None,
    form: str = "text",
    visibility: str = "private",
    buttons: Sequence[str] = (),
    told: Sequence[str | int] = (),
) -> Message:
    """Answer the customer; the ticket is then ``status`` (waiting unless said). Leaves at once, at ``send_at``, or
    after ``undo`` seconds.

    ``seen`` is the last message its writer had read: Overtaken when somebody else wrote since. ``account_id`` is the
    account it leaves by, else the one the customer wrote to last; ``form`` call, visit or form where it is no text,
    and ``told`` its first line for every reader, as with ``go_on``. ``visibility`` is public for what everybody may
    read, ``SAME`` as the customer wrote last; ``buttons`` are short quick replies.
    """
    visibility = ways.usual(uow, ticket_id, account_id).visibility if visibility == SAME else visibility
    row = replies.reply(
        uow,
        ticket_id,
        text,
        html=html,
        to=list(to) or None,
        send_at=send_at,
        status=status,
        files=list(files),
        undo=undo,
        seen=seen,
        account_id=account_id,
        form=form,
        visibility=visibility,
        buttons=buttons,
        told=told,
    )
    return of_message(row)


@writes
def react(uow: UnitOfWork, message_id: int, emoji: str) -> Message:
    """React to a customer's message, one of its channel's ``Accepts.own_reactions``; "" takes ours back."""
    return of_message(own_reactions.react(uow, message_id, emoji))


@writes
def note(uow: UnitOfWork, ticket_id: int, text: str, files: Sequence[File] = (), form: str = "text") -> Message:
    """Write an internal note; ``form`` is whisper for a word to whoever serves the customer right now."""
    return of_message(replies.note(uow, ticket_id, text, list(files), form))


def may_answer(uow: UnitOfWork, message_id: int) -> bool:
    """True when the desk itself may answer this message: a person wrote it lately, can be answered, and nobody
    forged their name.
    """
    return core.may_answer(uow, message_id)


@writes
def answer(uow: UnitOfWork, message_id: int, text: str, *, subject: str) -> Message | None:
    """Let the desk answer a message by itself; None when it did so since, or wrote enough to this address lately.

    Where nobody vouched for the address, ``subject`` stands instead of the customer's own.
    """
    visible_ticket(uow, get(uow, message_id).ticket_id, "tickets.write")
    written = core.answer(uow, message_id, text, subject=subject)
    return of_message(written) if written else None


@writes
def write_to(
    uow: UnitOfWork, ticket_id: int, to: Address, text: str, *, subject: str, proved: bool = False
) -> Message | None:
    """Let the desk itself write to an address on a ticket, by an account that may write first to such addresses. None
    when there is none, or enough was written there lately.

    Unless the address is ``proved`` to be the customer's, say nothing that somebody else may not read.
    """
    written = core.write_to(uow, ticket_id, to, text, subject=subject, proved=proved)
    return of_message(written) if written else None


def reaches(uow: UnitOfWork, kind: str) -> bool:
    """True when the desk has an account that may write first to addresses of this kind."""
    return core.reaches(uow, kind)


@writes
def outcome(uow: UnitOfWork, delivery_id: int, code: str, note: str = "", next_at: datetime | None = None) -> None:
    """Enter what came of a delivery by hand: reached, busy, no_answer, voicemail, wrong_number, unwanted (they want no
    more of these) or promised_again, with a remark and, where it is known, when to try again.
    """
    by_hand.outcome(uow, delivery_id, code, note, next_at)


@writes
def plan(uow: UnitOfWork, delivery_id: int, due_at: datetime) -> None:
    """Put the next try of a delivery by hand at another moment, as the customer wished."""
    by_hand.plan(uow, delivery_id, due_at)


@writes
def call_off(uow: UnitOfWork, delivery_id: int) -> None:
    """Nobody needs to carry out a delivery by hand any more, whatever was tried; its ticket stays as it is."""
    by_hand.call_off(uow, delivery_id)


@writes
def go_on(uow: UnitOfWork, message_id: int, text: str, told: Sequence[str | int] = ()) -> None:
    """Let a message that is no text (``form`` call, visit or form) say what it tells of now: nobody edited
    it. ``told`` is its first line for every reader: sentences as ``errors.dump_message`` keeps them, and seconds.
    """
    message_events.go_on(uow, message_id, text, told)


@writes
def withdraw(uow: UnitOfWork, message_id: int) -> str:
    """Take back one's own reply before it leaves; returns its text. Conflict when it is too late."""
    return replies.undo(uow, message_id)


@writes
def withdraw_note(uow: UnitOfWork, message_id: int) -> None:
    """Take back one's own note within a minute. Conflict when it is too late."""
    undo.withdraw_note(uow, message_id)


@writes
def add_draft_file(uow: UnitOfWork, ticket_id: int, mode: str, file: File) -> None:
    """Put a file with the actor's draft of a reply or note. Invalid when the message would have too many, or too large
    ones.
    """
    draft_files.add(uow, ticket_id, mode, file)


def undelivered(uow: UnitOfWork, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets on which something that was sent since the customer last wrote did not reach them; who may
    see them is the caller's to ask.
    """
    return delivery_outcomes.undelivered(uow, ticket_ids)


@writes
def retry(uow: UnitOfWork, delivery_id: int) -> None:
    """Send a failed delivery once more."""
    replies.retry(uow, delivery_id)


__all__ = [
    "Attachment",
    "Attempt",
    "Delivery",
    "Message",
    "add_draft_file",
    "answer",
    "call_off",
    "delivery",
    "files",
    "files_of",
    "get",
    "go_on",
    "known_as",
    "may_answer",
    "note",
    "of_ticket",
    "outcome",
    "plan",
    "react",
    "reaches",
    "reply",
    "retry",
    "undelivered",
    "withdraw",
    "withdraw_note",
    "write_to",
]
