"""Edits, deletions, reactions and reports: entered with the message they name, or kept for a while until that
message is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from helpdesk.core.channels.channel_events import ChannelEvent, Deleted, Edited, Reaction, Report
from helpdesk.core.channels.json import event_from_json, to_json
from helpdesk.core.database.rows import add, by_id
from helpdesk.core.errors import NotFound
from helpdesk.core.events.messages import MessageDeleted, MessageEdited, MessageReacted
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import plain, storable
from helpdesk.core.tickets import external_ids, messages
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.visibility import visible_ticket

from . import delivery_reports
from .models import WaitingEvent

WAITS = timedelta(minutes=10)  # an event may come before the message it names
REACTIONS = 200  # reactions of one message that are kept
AT_ONCE = 20  # waiting events in one write


def enter(uow: UnitOfWork, account_id: int, raw_message_id: int, event: ChannelEvent, wait: bool = True) -> str:
    """Enter an event, or let it wait; returns the raw message's state, "report" or "event". Inside ``writing``."""
    event = storable(event)
    if not apply(uow, account_id, event) and wait and _names(event):
        add(
            uow.session,
            WaitingEvent,
            account_id=account_id,
            raw_message_id=raw_message_id,
            data=to_json(event),
            until=uow.clock() + WAITS,
        )
    return "report" if isinstance(event, Report) else "event"


def enter_waiting(
    uow: UnitOfWork, account_id: int | None = None, give_up: Callable[[WaitingEvent], bool] = lambda row: False
) -> int:
    """Try events that wait (of one account) again. ``give_up`` settles those whose time is over. Returns how many
    are settled.
    """
    query = select(WaitingEvent).order_by(WaitingEvent.id)
    query = query.where(WaitingEvent.account_id == account_id) if account_id else query
    if uow.session.scalar(query.limit(1)) is None:
        return 0
    settled: list[int] = []
    with uow.writing() as session:
        for row in session.scalars(query.with_for_update(skip_locked=True)).all():
            if len(settled) == AT_ONCE:
                break
            if apply(uow, row.account_id, event_from_json(row.data)) or give_up(row):
                settled.append(row.id)
        session.execute(delete(WaitingEvent).where(WaitingEvent.id.in_(settled)))
    return len(settled)


def _names(event: ChannelEvent) -> list[str]:
    return external_ids.clean(event.references if isinstance(event, Report) else [event.external_id])


def apply(uow: UnitOfWork, account_id: int, event: ChannelEvent, last: bool = False) -> bool:
    """Enter an event with its message; False when nobody knows that message (yet). A report waits for its id before
    its recipient counts.
    """
    if isinstance(event, Report):
        found = delivery_reports.find(
            uow, account_id, event, guess=last or bool(event.otherwise) or not event.references
        )
        if found:
            delivery_reports.enter(uow, account_id, found, event)
        return found is not None
    message_id = external_ids.message_of(uow, account_id, _names(event))
    if message_id is None:
        return False
    message = uow.session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
    if isinstance(event, Edited):
        _edit(uow, message, event)
    elif isinstance(event, Deleted):
        _delete(uow, message, event)
    elif isinstance(event, Reaction):
        _react(uow, message, event)
    return True


def _may(message: Message, event: Edited | Deleted) -> bool:
    """Only who wrote a message changes it; a channel that names no sender is responsible for that."""
    return (
        message.deleted_at is None
        and message.kind == "in"
        and (event.sender is None or event.sender.value[:254] == message.address)
    )


def _edit(uow: UnitOfWork, message: Message, event: Edited) -> None:
    at = event.at or uow.clock()
    if not _may(message, event) or (message.edited_at and message.edited_at >= at):
        return
    messages.reword(uow, message, event.text, event.html, at)
    uow.record(MessageEdited(ticket_id=message.ticket_id, message_id=message.id))


def go_on(uow: UnitOfWork, message_id: int, text: str, told: Sequence[str | int] = ()) -> None:
    """What a message tells of went on, as a call does: it says ``text`` from now on, and nobody edited it. ``told`` is
    its first line for every reader (``i18n.render_parts``).
    """
    message = by_id(uow.session, Message, message_id)
    if message is None:
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    with uow.writing() as session:
        message = session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
        if message.kind != "note" and message.form != "text" and message.text != plain(text):
            messages.put_words(uow, message, text)
            message.details = {**message.details, "told": list(told)}
            uow.record(MessageEdited(ticket_id=message.ticket_id, message_id=message.id))


def _delete(uow: UnitOfWork, message: Message, event: Deleted) -> None:
    if not _may(message, event):
        return
    messages.mark_deleted(uow, message, event.at or uow.clock())
    uow.record(MessageDeleted(ticket_id=message.ticket_id, message_id=message.id))


def _react(uow: UnitOfWork, message: Message, event: Reaction) -> None:
    who, at = event.sender, event.at or uow.clock()
    mine = [r for r in message.reactions if (r["kind"], r["address"]) == (who.kind, who.value)]
    if any(datetime.fromisoformat(reaction["at"]) > at for reaction in mine):
        return
    others = [reaction for reaction in message.reactions if reaction not in mine]
    given = {
        "emoji": plain(event.emoji)[:40],
        "kind": who.kind,
        "address": who.value[:254],
        "name": plain(who.name)[:200],
        "at": at.isoformat(),
    }
    message.reactions = [*others, *([given] if given["emoji"] else [])][-REACTIONS:]
    uow.record(MessageReacted(ticket_id=message.ticket_id, message_id=message.id))
