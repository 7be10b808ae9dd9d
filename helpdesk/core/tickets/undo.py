"""Undoing several steps at once: a ticket gets its facts back, and a note that was just written is withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, Forbidden, NotFound, _
from helpdesk.core.events.tickets import NoteWithdrawn
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.sla import clocks

from .clocks import restore as restore_clocks
from .message_models import Message, MessageText
from .models import Ticket
from .tickets import facts, locked_ticket, record_change, recount, snooze
from .visibility import visible_ticket

NOTE_UNDO = timedelta(minutes=1)  # so long a note can be taken back


def state(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """A ticket's facts, its clocks and its place as plain JSON, for ``restore``."""
    return _state(uow, visible_ticket(uow, ticket_id, populate_existing=True))


def _state(uow: UnitOfWork, ticket: Ticket) -> dict[str, Any]:
    place = {"clocks": clocks.kept(uow, ticket.id), "target_at": ticket.target_at.isoformat()}
    return facts(ticket) | place


def restore(uow: UnitOfWork, ticket_id: int, before: dict[str, Any], after: dict[str, Any]) -> Ticket:
    """Give a ticket the facts of ``before`` again where it still has those of ``after``; what somebody changed since
    stays.
    """
    visible_ticket(uow, ticket_id, "tickets.write")
    with uow.writing():
        ticket = locked_ticket(uow, ticket_id)
        now, changed = _state(uow, ticket), facts(ticket)
        was = {name: before[name] for name in before if now[name] == after[name] != before[name]}
        _put_back(ticket, was)
        if "clocks" in was or "target_at" in was:
            restore_clocks(uow, ticket, now | was)
        record_change(uow, ticket, changed)
    return ticket


def _put_back(ticket: Ticket, was: dict[str, Any]) -> None:
    ticket.status = was.get("status", ticket.status)
    ticket.priority = was.get("priority", ticket.priority)
    ticket.queue_id = was.get("queue", ticket.queue_id)
    ticket.assignee_id = was.get("assignee", ticket.assignee_id)
    ticket.tags = was.get("tags", ticket.tags)
    until = was.get("snoozed_until")
    snooze(ticket, (until and datetime.fromisoformat(until)) if "snoozed_until" in was else ticket.snoozed_until)


def withdraw_note(uow: UnitOfWork, message_id: int) -> None:
    """Take back one's own note within ``NOTE_UNDO``; Conflict when it is too late."""
    message = by_id(uow.session, Message, message_id)
    if message is None or message.kind != "note":
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    if uow.actor.user_id not in (None, message.user_id):
        raise Forbidden()
    with uow.writing() as session:
        ticket = locked_ticket(uow, message.ticket_id)
        message = session.get_one(Message, message_id)
        if message.withdrawn or message.at < uow.clock() - NOTE_UNDO:
            raise Conflict(_("It is too late: colleagues may have read the note."))
        message.withdrawn = True
        session.execute(delete(MessageText).where(MessageText.message_id == message_id))
        recount(uow, ticket)
        uow.record(NoteWithdrawn(ticket_id=ticket.id, message_id=message_id))
