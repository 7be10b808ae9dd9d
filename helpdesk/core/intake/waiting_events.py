"""Events that wait for the message they name: tried again, and in the end a remark on the raw message that brought
them.
"""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.channels.channel_events import ChannelEvent, Deleted, Edited, Reaction
from helpdesk.core.channels.json import event_from_json
from helpdesk.core.database.rows import change
from helpdesk.core.errors import _
from helpdesk.core.events.messages import MessageUnknown
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import message_events
from helpdesk.core.outbox.models import WaitingEvent
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.models import ConversationThread, Ticket

from .models import RawMessage

UNKNOWN = _("It is about a message that this desk does not know.")
WHAT = {Edited: "edited", Deleted: "deleted", Reaction: "reaction"}


def settle(uow: UnitOfWork) -> int:
    """Enter what can be entered now and give up what waited too long; returns how many are settled."""
    return message_events.enter_waiting(uow, give_up=lambda row: _give_up(uow, row))


def _give_up(uow: UnitOfWork, row: WaitingEvent) -> bool:
    if row.until > uow.clock():
        return False
    event = event_from_json(row.data)
    if message_events.apply(uow, row.account_id, event, last=True):
        return True
    change(uow.session, RawMessage, row.raw_message_id, reason=UNKNOWN)
    ticket_id, what = _ticket_of(uow, row.account_id, event), WHAT.get(type(event), "report")
    uow.record(MessageUnknown(ticket_id=ticket_id, raw_message=row.raw_message_id, account=row.account_id, what=what))
    return True


def _ticket_of(uow: UnitOfWork, account_id: int, event: ChannelEvent) -> int | None:
    """The ticket whose conversation an event names, else its sender's newest that this account has."""
    key, sender = getattr(event, "thread", ""), getattr(event, "sender", None)
    thread = uow.session.get(ConversationThread, (account_id, key)) if key else None
    if thread or not sender or not sender.value:
        return thread.ticket_id if thread else None
    theirs = select(Identity.customer_id).where(Identity.kind == sender.kind, Identity.address == sender.value[:254])
    query = select(Ticket.id).where(Ticket.customer_id == theirs.scalar_subquery(), Ticket.account_id == account_id)
    return uow.session.scalar(query.order_by(Ticket.id.desc()).limit(1))
