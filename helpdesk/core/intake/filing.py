"""Filing what raw messages say: short transactions in order, one alone for what breaks them."""

from __future__ import annotations

import time

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from helpdesk.core.channels.channel_events import ChannelEvent
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import held
from helpdesk.core.errors import _, dump_message
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import message_events

from . import ingest, turns
from .attempts import Work, again, set_aside, state
from .models import RawMessage

WRITTEN = ("done", "duplicate")  # states that ``ingest.write`` has written already
TELLING = (
    "done",
    "event",
    "report",
    "duplicate",
)  # of several events of one raw message the first of these is its state


def write(uow: UnitOfWork, batch: list[Work], rest: turns.Rest) -> None:
    """Write in order, each transaction a step (``turns.HOLD``); what breaks one is written alone, or set aside."""
    left = list(batch)
    while left:
        began, done = time.monotonic(), 0
        try:
            with uow.writing():
                left = _still_ours(uow, left)
                for item in left:
                    _write_one(uow, item)
                    done += 1
                    if time.monotonic() - began > turns.HOLD:
                        break
                failpoint("ingest.written")
        except Exception as error:
            _write_alone(uow, left[0], None if done or is_transient(error) else error)
            done = 1
        del left[:done]
        if left:
            rest()


def _still_ours(uow: UnitOfWork, items: list[Work]) -> list[Work]:
    """Without what another worker took over or finished, because our lease ran out while this machine slept or its
    clock jumped.
    """
    where = (held(RawMessage), RawMessage.id.in_([item.id for item in items]))
    ours = set(uow.session.scalars(select(RawMessage.id).where(*where).with_for_update()))
    return [item for item in items if item.id in ours]


def _write_one(uow: UnitOfWork, item: Work) -> None:
    if item.error is not None:
        set_aside(uow, item, item.error)
    elif item.decided:
        states = [_write_event(uow, item, event) for event in item.decided]
        if len(states) > 1 or states[0] not in WRITTEN:
            ingest.finish(uow, item.id, min(states, key=TELLING.index))
    else:
        state(uow, item.id, "nothing")


def _write_event(uow: UnitOfWork, item: Work, event: ingest.Decided | ChannelEvent) -> str:
    if isinstance(event, ingest.Decided):
        return ingest.write(uow, item.id, event, item.imported)
    return message_events.enter(uow, item.account.id, item.id, event, wait=not item.imported)


def _write_alone(uow: UnitOfWork, item: Work, error: Exception | None) -> None:
    """One raw message in a transaction of its own; a fault leaves it for another try, the third in quarantine."""
    try:
        if error is not None:
            raise error
        with uow.writing():
            if _still_ours(uow, [item]):
                _write_one(uow, item)
    except IntegrityError:
        with uow.writing():
            again(uow, item, _("Somebody else was writing the same thing."))
    except Exception as error:
        if is_transient(error):
            raise
        with uow.writing():
            again(
                uow,
                item,
                dump_message(_("The desk could not file this message: %(fault)s"), fault=type(error).__name__),
            )
