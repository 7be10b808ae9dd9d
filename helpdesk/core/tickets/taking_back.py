"""What takes back several steps at once: a ticket's facts as they were, and a note that was just written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, Forbidden, NotFound, _
from helpdesk.core.events.tickets import NoteWithdrawn
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .message_models import Message, MessageText
from .models import Ticket
from .tickets import facts, held, record_change, recount, set_status, snooze
from .visibility import visible_ticket

NOTE_UNDO = timedelta(minutes=1)  # so long a note can be taken back


def state(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """A ticket's facts and its running target as plain JSON, for ``restore``."""
    return _state(visible_ticket(uow, ticket_id, populate_existing=True))


def _state(ticket: Ticket) -> dict[str, Any]:
    return facts(ticket) | {"target_at": ticket.target_at.isoformat()}


def restore(uow: UnitOfWork, ticket_id: int, before: dict[str, Any], after: dict[str, Any]) -> Ticket:
    """Give a ticket the facts of ``before`` again where it still has those of ``after``; what somebody changed since
    stays.
    """
    visible_ticket(uow, ticket_id, "tickets.write")
    with uow.writing():
        ticket = held(uow, ticket_id)
        now = _state(ticket)
        changed = facts(ticket)
        _put_back(ticket, {name: before[name] for name in before if now[name] == after[name] != before[name]})
        record_change(uow, ticket, changed)
    return ticket


def _put_back(ticket: Ticket, was: dict[str, Any]) -> None:
    ticket.priority = was.get("priority", ticket.priority)
    ticket.queue_id = was.get("queue", ticket.queue_id)
    ticket.assignee_id = was.get("assignee", ticket.assignee_id)
    ticket.tags = was.get("tags", ticket.tags)
    target = was.get("target_at")
    set_status(ticket, was.get("status", ticket.status))
    if "snoozed_until" in was:
        snooze(ticket, was["snoozed_until"] and datetime.fromisoformat(was["snoozed_until"]))
    if target:
        ticket.target_at = datetime.fromisoformat(target)


def withdraw_note(uow: UnitOfWork, message_id: int) -> None:
    """Take back one's own note within ``NOTE_UNDO``; Conflict when it is too late."""
    message = by_id(uow.session, Message, message_id)
    if message is None or message.kind != "note":
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    if uow.actor.user_id not in (None, message.user_id):
        raise Forbidden()
    with uow.writing() as session:
        ticket = held(uow, message.ticket_id)
        message = session.get_one(Message, message_id)
        if message.withdrawn or message.at < uow.clock() - NOTE_UNDO:
            raise Conflict(_("It is too late: colleagues may have read the note."))
        message.withdrawn = True
        session.execute(delete(MessageText).where(MessageText.message_id == message_id))
        recount(uow, ticket)
        uow.record(NoteWithdrawn(ticket_id=ticket.id, message_id=message_id))
