"""Raw messages in hand, and what becomes of one whose reading or filing failed: another try, the slow lane, or
quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.channel_events import ChannelEvent
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.leases import free
from helpdesk.core.database.rows import change
from helpdesk.core.errors import HelpdeskError, Malformed, _, dump_message
from helpdesk.core.events.intake import RawMessageQuarantined
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import ingest
from .models import RawMessage
from .parser_child import NoSpace, TookTooLong

TRIES = 3
PAUSE = timedelta(seconds=10)  # before a raw message is read again whose files had no room
SLOW_LANE = "slow lane"  # stands for the worker of a free raw message that is read by itself, so that it delays nobody


@dataclass
class Work:
    """One claimed raw message on its way: ``events`` or ``error`` are set after parsing, ``decided`` after the
    plugins spoke, in the events' order.
    """

    id: int
    attempts: int
    account: Account
    received: Received
    imported: bool = False
    events: list[ChannelEvent] = field(default_factory=list)
    error: HelpdeskError | None = None
    decided: list[ingest.Decided | ChannelEvent] = field(default_factory=list)


def set_aside(uow: UnitOfWork, item: Work, error: HelpdeskError) -> None:
    """After an error of reading: quarantine, another try, or one in the slow lane."""
    if isinstance(error, Malformed):
        state(uow, item.id, "quarantined", reason=dump_message(error))
        uow.record(RawMessageQuarantined(raw_message=item.id, account=item.account.id))
    elif isinstance(error, NoSpace):
        later(uow, item, dump_message(error))
    elif isinstance(error, TookTooLong):
        again(uow, item, dump_message(error), worker=SLOW_LANE)
    else:
        again(uow, item, dump_message(error))


def again(uow: UnitOfWork, item: Work, reason: str, **values: Any) -> None:
    """Leave it for another try, after the last one in quarantine."""
    if item.attempts + 1 < TRIES:
        state(uow, item.id, "new", reason=reason, **values)
        return
    state(uow, item.id, "quarantined", reason=reason)
    uow.record(RawMessageQuarantined(raw_message=item.id, account=item.account.id))


def later(uow: UnitOfWork, item: Work, reason: str) -> None:
    """Nobody's for a moment, and its account waits with it; this try does not count."""
    values = {"worker": "", "lease_until": uow.clock() + PAUSE, "attempts": item.attempts, "reason": reason}
    change(uow.session, RawMessage, item.id, **values)


def state(uow: UnitOfWork, raw_message_id: int, name: str, **values: Any) -> None:
    """What it has become; nobody holds it any longer."""
    change(uow.session, RawMessage, raw_message_id, state=name, lease_until=None, **values)


def quarantine_crashing(uow: UnitOfWork) -> int:
    """Quarantine raw messages that were claimed three times and never finished: each time they took their worker
    along.
    """
    with uow.writing() as session:
        where = (RawMessage.state == "new", RawMessage.attempts >= TRIES, free(RawMessage, uow.clock()))
        rows = list(session.scalars(select(RawMessage).where(*where).with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.lease_until = "quarantined", None
            row.reason = row.reason or _("Reading it ended the reader three times.")
            uow.record(RawMessageQuarantined(raw_message=row.id, account=row.account_id))
    return len(rows)
