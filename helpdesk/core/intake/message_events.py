"""Edits, deletions, reactions and reports: entered with the message they name, or kept for a while until that message is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from . import external_ids, ingest, reports
from .address_types import Address
from .channel_events import ChannelEvent, Deleted, Edited, Reaction, Report
from .channels import from_json, to_json
from .database import add, change
from .errors import _
from .events.messages import MessageDeleted, MessageEdited, MessageReacted, MessageUnknown
from .models import Message, MessageText, Parcel, Ticket, WaitingEvent
from .text import excerpt, plain, storable

WAITS = timedelta(minutes=10)  # an event may be told before the message it names
VERSIONS = 20  # earlier wordings of a message that are kept
REACTIONS = 200  # reactions of one message that are kept
AT_ONCE = 20  # waiting events in one write
UNKNOWN = _("It is about a message that this desk does not know.")


def enter(desk, account_id: int, parcel_id: int, event: ChannelEvent, wait: bool = True) -> str:
    """Enter an event, or let it wait; returns the parcel's state, "report" or "event". Inside ``writing``."""
    event = storable(event)
    if not _apply(desk, account_id, event) and wait and _names(event):
        add(desk.session, WaitingEvent, account_id=account_id, parcel_id=parcel_id, data=to_json(event), until=desk.clock() + WAITS)
    return "report" if isinstance(event, Report) else "event"


def enter_waiting(desk, account_id: int | None = None) -> int:
    """Try events that wait (of one account) again; those whose time is over stand as a remark on what brought them. Returns how many are settled."""
    query = select(WaitingEvent).order_by(WaitingEvent.id)
    query = query.where(WaitingEvent.account_id == account_id) if account_id else query
    if desk.session.scalar(query.limit(1)) is None:
        return 0
    settled = []
    with desk.writing() as session:
        for row in session.scalars(query.with_for_update(skip_locked=True)).all():
            if len(settled) == AT_ONCE:
                break
            if _apply(desk, row.account_id, from_json(row.data)) or _give_up(desk, row):
                settled.append(row.id)
        session.execute(delete(WaitingEvent).where(WaitingEvent.id.in_(settled)))
    return len(settled)


def _give_up(desk, row: WaitingEvent) -> bool:
    if row.until > desk.clock():
        return False
    change(desk.session, Parcel, row.parcel_id, reason=UNKNOWN)
    desk.record(MessageUnknown(parcel=row.parcel_id, account=row.account_id))
    return True


def _names(event: ChannelEvent) -> list[str]:
    return external_ids.clean(event.references if isinstance(event, Report) else [event.external_id])


def _apply(desk, account_id: int, event: ChannelEvent) -> bool:
    """Enter an event with its message; False when nobody knows that message (yet)."""
    message_id = external_ids.message_of(desk, account_id, _names(event))
    if message_id is None:
        return False
    if isinstance(event, Report):
        reports.enter(desk, account_id, message_id, event)
        return True
    message = desk.session.get(Message, message_id, populate_existing=True, with_for_update=True)
    {Edited: _edit, Deleted: _delete, Reaction: _react}[type(event)](desk, message, event)
    return True


def _may(message: Message, event: Edited | Deleted) -> bool:
    """Only who wrote a message changes it; a channel that names nobody vouches for that itself."""
    return message.deleted_at is None and message.kind == "in" and (event.sender is None or event.sender.value[:254] == message.address)


def _edit(desk, message: Message, event: Edited) -> None:
    at = event.at or desk.clock()
    if not _may(message, event) or (message.edited_at and message.edited_at >= at):
        return
    earlier = {"text": message.text, "html": message.html, "at": (message.edited_at or message.at).isoformat()}
    message.details = {**message.details, "earlier": [*message.details.get("earlier", []), earlier][-VERSIONS:]}
    message.text, message.html, message.edited_at = plain(event.text), plain(event.html), at
    ticket = desk.session.get(Ticket, message.ticket_id)
    if ticket.last_message_id == message.id:
        ticket.preview = excerpt(message.text, 200)
    desk.session.execute(delete(MessageText).where(MessageText.message_id == message.id))
    ingest.index(desk, message.id, ticket.subject, Address("", message.address, message.author), message.text)
    desk.record(MessageEdited(ticket_id=message.ticket_id, message_id=message.id))


def _delete(desk, message: Message, event: Deleted) -> None:
    if not _may(message, event):
        return
    message.deleted_at = event.at or desk.clock()
    desk.session.execute(delete(MessageText).where(MessageText.message_id == message.id))
    desk.record(MessageDeleted(ticket_id=message.ticket_id, message_id=message.id))


def _react(desk, message: Message, event: Reaction) -> None:
    who, at = event.sender, event.at or desk.clock()
    mine = [r for r in message.reactions if (r["kind"], r["address"]) == (who.kind, who.value)]
    if any(datetime.fromisoformat(reaction["at"]) > at for reaction in mine):
        return
    others = [reaction for reaction in message.reactions if reaction not in mine]
    given = {"emoji": plain(event.emoji)[:40], "kind": who.kind, "address": who.value[:254], "name": plain(who.name)[:200], "at": at.isoformat()}
    message.reactions = [*others, *([given] if given["emoji"] else [])][-REACTIONS:]
    desk.record(MessageReacted(ticket_id=message.ticket_id, message_id=message.id))
