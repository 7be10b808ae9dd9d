"""Events that wait for the message they name: tried again, and in the end a remark on the raw message that brought
them.
"""

from __future__ import annotations

from helpdesk.core.channels.json import event_from_json
from helpdesk.core.database.rows import change
from helpdesk.core.errors import _
from helpdesk.core.events.messages import MessageUnknown
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import message_events
from helpdesk.core.outbox.models import WaitingEvent

from .models import RawMessage

UNKNOWN = _("It is about a message that this desk does not know.")


def settle(uow: UnitOfWork) -> int:
    """Enter what can be entered now and give up what waited too long; returns how many are settled."""
    return message_events.enter_waiting(uow, give_up=lambda row: _give_up(uow, row))


def _give_up(uow: UnitOfWork, row: WaitingEvent) -> bool:
    if row.until > uow.clock():
        return False
    if message_events.apply(uow, row.account_id, event_from_json(row.data), last=True):
        return True
    change(uow.session, RawMessage, row.raw_message_id, reason=UNKNOWN)
    uow.record(MessageUnknown(raw_message=row.raw_message_id, account=row.account_id))
    return True
