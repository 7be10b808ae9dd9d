"""Processing raw messages: claim, parse in a child, decide with the plugins, write; and quarantine for what cannot
be read at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk.core.accounts.accounts import view
from helpdesk.core.accounts.addresses import in_known_form
from helpdesk.core.channels.channel_events import ChannelEvent, Inbound, Report
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import delivery_reports
from helpdesk.core.text import storable

from . import filing, ingest, turns
from .attempts import Work
from .claims import ANY, FAST, SLOW, Lane, claim, let_go_on_failure
from .models import RawMessage
from .parser_child import Job

BATCH = 50
Parse = Callable[[list[Job]], list[Any]]
PARSE_THREADS = ThreadPoolExecutor(4, thread_name_prefix="reader")  # they only wait for children


@dataclass
class Batch:
    """Claimed raw messages, the readings of them that are under way, and how others are let go first between two
    steps.
    """

    items: list[Work]
    readings: list[Future[Any]]
    rest: turns.Rest


def work(uow: UnitOfWork, limit: int = BATCH) -> int:
    """Take up to ``limit`` raw messages as far as they go; returns how many were claimed."""
    batch = start(uow, limit)
    return finish(uow, batch) if batch else 0


def drain(uow: UnitOfWork, progress: Any = lambda done: None, stop: Any = lambda: False, lane: Lane = ANY) -> int:
    """Work until nothing is left in a lane that can be claimed, reading one batch while the one before is written;
    returns how many.

    After ``stop()`` is true nothing new is claimed.
    """
    done, batch = 0, start(uow, lane=lane)
    while batch:
        with let_go_on_failure(uow, batch.items):
            following = None if stop() else start(uow, beside=batch, lane=lane)
        with let_go_on_failure(uow, following.items if following else []):
            done += finish(uow, batch)
        progress(done)
        batch = following or (None if stop() else start(uow, lane=lane))
    return done


def work_slowly(uow: UnitOfWork) -> int:
    """Read one raw message that took too long among others, with more time and beside them; returns how many were
    claimed.
    """
    return _work_here(uow, claim(uow, 1, lane=SLOW), uow.runtime.parser.parse_slowly)


def work_fast(uow: UnitOfWork, limit: int = BATCH) -> int:
    """Take small messages of interactive channels as far as they go, past all others; returns how many were claimed."""
    return _work_here(uow, claim(uow, limit, lane=FAST), uow.runtime.parser.parse_fast)


def _work_here(uow: UnitOfWork, items: list[Work], parse: Parse) -> int:
    """Wait for the child in this thread: the threads that wait for others' children may all be taken."""
    if not items:
        return 0
    with let_go_on_failure(uow, items):
        _parse(parse, *_jobs(uow, items))
    return finish(uow, Batch(items, [], turns.nap))


def start(uow: UnitOfWork, limit: int = BATCH, beside: Batch | None = None, lane: Lane = ANY) -> Batch | None:
    """Claim raw messages and let the children begin to read them; None when there is nothing to do beside what is in
    hand.
    """
    if beside and beside.items[0].attempts:
        return None
    uow.runtime.pause_bulk()
    items = claim(uow, limit, beside is not None, lane)
    with let_go_on_failure(uow, items):
        return Batch(items, _begin_parsing(uow, items), uow.runtime.pause_bulk) if items else None


def finish(uow: UnitOfWork, batch: Batch) -> int:
    """Wait until a batch is read, let the plugins decide, write; returns how many raw messages it was."""
    with let_go_on_failure(uow, batch.items):
        for reading in batch.readings:
            reading.result()
        failpoint("ingest.parsed")
        since = time.monotonic()
        for item in batch.items:
            since = turns.give_turn(batch.rest, since)
            known = [in_known_form(uow, event) for event in item.events]
            events = [delivery_reports.understood(uow, item.account.id, event) for event in known]
            item.decided = [_decided(uow, item, event) for event in events]
        uow.session.rollback()
        filing.write(uow, batch.items, batch.rest)
    failpoint("ingest.committed")
    return len(batch.items)


def _decided(uow: UnitOfWork, item: Work, event: ChannelEvent) -> ingest.Decided | ChannelEvent:
    """What is filed of an event, once the plugins were asked, or told of a report."""
    if isinstance(event, Inbound):
        return ingest.decide(uow, item.account, event)
    if isinstance(event, Report) and not item.imported:
        uow.hooks.announce("on_report", report=storable(event), account=view(uow, item.account, secrets=False))
    return event


def _begin_parsing(uow: UnitOfWork, items: list[Work]) -> list[Future[Any]]:
    """Hand the raw messages to two children, alternately. The readers are given nothing of this thread's session."""
    items, jobs = _jobs(uow, items)
    halves = [(items[n::2], jobs[n::2]) for n in (0, 1) if items[n::2]]
    return [PARSE_THREADS.submit(_parse, uow.runtime.parser.parse_many, *half) for half in halves]


def _jobs(uow: UnitOfWork, items: list[Work]) -> tuple[list[Work], list[Job]]:
    """What there is to read, and what a child is given for each."""
    items = [item for item in items if item.error is None]
    views = {item.account.id: view(uow, item.account, secrets=False) for item in items}
    return items, [(item.account.channel, views[item.account.id], item.received) for item in items]


def _parse(parse: Parse, items: list[Work], jobs: list[Job]) -> None:
    for item, result in zip(items, parse(jobs), strict=True):
        if isinstance(result, HelpdeskError):
            item.error = result
        else:
            item.events = result


def counts(uow: UnitOfWork, first: int = 0, account_id: int | None = None) -> dict[str, int]:
    """How many raw messages after id ``first`` are in which state."""
    query = select(RawMessage.state, func.count()).where(RawMessage.id > first).group_by(RawMessage.state)
    if account_id is not None:
        query = query.where(RawMessage.account_id == account_id)
    return dict(uow.session.execute(query).all())
