"""Working off raw messages: claim, parse in a child, decide with the plugins, write; and quarantine for what cannot be read at all."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.core.accounts.accounts import view
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.channel_events import ChannelEvent, Inbound
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.database.locks import advisory_lock
from helpdesk.core.errors import HelpdeskError, _, dump_message
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import delivery_reports, message_events

from . import ingest
from .attempts import SLOW_LANE, Work, again, set_aside, state
from .models import RawMessage

BATCH = 50
HOLD = 0.020  # seconds a writer may hold the lock (law 7)
WRITTEN = ("done", "duplicate")  # states that ``ingest.write`` has written already
TELLING = (
    "done",
    "event",
    "report",
    "duplicate",
)  # of several events of one raw message the first of these is its state
CLAIM_LOCK = (
    0x48414D46  # PostgreSQL: who claims sees what others have claimed, so that an account is only ever in one hand
)
PARSE_THREADS = ThreadPoolExecutor(4, thread_name_prefix="reader")  # they only wait for children


@dataclass
class Batch:
    """Claimed raw messages and the readings of them that are under way."""

    items: list[Work]
    readings: list[Future]


def work(uow: UnitOfWork, limit: int = BATCH) -> int:
    """Take up to ``limit`` raw messages as far as they go; returns how many were claimed."""
    batch = start(uow, limit)
    return finish(uow, batch) if batch else 0


def drain(uow: UnitOfWork, progress=lambda done: None, stop=lambda: False) -> int:
    """Work until nothing is left that can be claimed, reading one batch while the one before is written; returns how many.

    After ``stop()`` is true nothing new is claimed.
    """
    done, batch = 0, start(uow)
    while batch:
        with _let_go(uow, batch.items):
            following = None if stop() else start(uow, beside=batch)
        with _let_go(uow, following.items if following else []):
            done += finish(uow, batch)
        progress(done)
        batch = following or (None if stop() else start(uow))
    return done


def work_slowly(uow: UnitOfWork) -> int:
    """Read one raw message that took too long among others, with more time and beside them; returns how many were claimed."""
    items = _claim(uow, 1, lane=RawMessage.worker == SLOW_LANE)
    with _let_go(uow, items):
        return finish(uow, Batch(items, _begin_parsing(uow, items, slowly=True))) if items else 0


def start(uow: UnitOfWork, limit: int = BATCH, beside: Batch | None = None) -> Batch | None:
    """Claim raw messages and let the children begin to read them; None when there is nothing to do beside what is in hand."""
    if beside and beside.items[0].attempts:
        return None
    items = _claim(uow, limit, beside is not None)
    with _let_go(uow, items):
        return Batch(items, _begin_parsing(uow, items)) if items else None


def finish(uow: UnitOfWork, batch: Batch) -> int:
    """Wait until a batch is read, let the plugins decide, write; returns how many raw messages it was."""
    with _let_go(uow, batch.items):
        for reading in batch.readings:
            reading.result()
        failpoint("ingest.parsed")
        for item in batch.items:
            events = [delivery_reports.understood(uow, item.account.id, event) for event in item.events]
            item.decided = [ingest.decide(uow, item.account, e) if isinstance(e, Inbound) else e for e in events]
        uow.session.rollback()
        _write(uow, batch.items)
    failpoint("ingest.committed")
    return len(batch.items)


@contextmanager
def _let_go(uow: UnitOfWork, items: list[Work]):
    """When something fails, free the claims on what is not filed yet; if that fails too, ``release_own_leases`` does it later."""
    try:
        yield
    except BaseException as error:
        with suppress(Exception):
            _free(uow, RawMessage.id.in_([item.id for item in items]), counted=not is_transient(error))
        raise


def release_own_leases(uow: UnitOfWork) -> None:
    """Free what this process had claimed when it lost the database: for a loop that begins anew."""
    _free(uow, counted=False)


def _free(uow: UnitOfWork, *where, counted: bool) -> None:
    """Give claims of this process back; a try that was not the raw message's fault does not count."""
    values = {"lease_until": None} | ({} if counted else {"attempts": RawMessage.attempts - 1})
    with uow.writing() as session:
        session.execute(
            update(RawMessage)
            .where(held(RawMessage), *where)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def counts(uow: UnitOfWork, first: int = 0, account_id: int | None = None) -> dict[str, int]:
    """How many raw messages after id ``first`` are in which state."""
    query = select(RawMessage.state, func.count()).where(RawMessage.id > first).group_by(RawMessage.state)
    if account_id is not None:
        query = query.where(RawMessage.account_id == account_id)
    return dict(uow.session.execute(query).all())


def _claim(uow: UnitOfWork, limit: int, beside: bool = False, lane=RawMessage.worker != SLOW_LANE) -> list[Work]:
    """The oldest raw messages of accounts nobody else works on: what comes to one account is taken in the order it came."""
    now, me = uow.clock(), worker_name()
    if (
        uow.session.scalar(select(RawMessage.id).where(RawMessage.state == "new", lane, free(RawMessage, now)).limit(1))
        is None
    ):
        uow.session.rollback()
        return []
    if not beside:
        uow.session.rollback()
        uow.runtime.parser.warm()
    with uow.writing() as session:
        advisory_lock(session, CLAIM_LOCK)
        busy = select(RawMessage.account_id).where(
            RawMessage.state == "new", RawMessage.lease_until >= now, RawMessage.worker != me
        )
        query = (
            select(RawMessage)
            .where(RawMessage.state == "new", lane, free(RawMessage, now), RawMessage.account_id.not_in(busy))
            .order_by(RawMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = _together(list(session.scalars(query)), beside)
        if not rows:
            return []
        values = {"lease_until": now + LEASE, "worker": me, "attempts": RawMessage.attempts + 1}
        session.execute(
            update(RawMessage)
            .where(RawMessage.id.in_([r.id for r in rows]))
            .values(values)
            .execution_options(synchronize_session=False)
        )
        accounts = {
            a.id: a for a in session.scalars(select(Account).where(Account.id.in_({r.account_id for r in rows})))
        }
        raws = dict(
            session.execute(select(RawMessage.id, RawMessage.raw).where(RawMessage.id.in_([r.id for r in rows]))).all()
        )
    return [_taken(uow, row, accounts[row.account_id], raws[row.id]) for row in rows]


def _together(rows: list[RawMessage], beside: bool) -> list[RawMessage]:
    """What may be in hand at once. A raw message that was tried before is tried alone: if it ends its worker again, no other is blamed."""
    good = next((number for number, row in enumerate(rows) if row.attempts), len(rows))
    return rows[:good] if good or beside else rows[:1]


def _taken(uow: UnitOfWork, row: RawMessage, account: Account, raw: bytes | None) -> Work:
    """A claimed raw message with its bytes, or with the reason why they are not there."""
    error = None
    if row.blob:
        try:
            raw = uow.blobs.get(row.blob)
        except OSError as fault:
            error = HelpdeskError(_("Its bytes cannot be read from the disk (%(fault)s)."), fault=type(fault).__name__)
    return Work(row.id, row.attempts, account, Received(row.external_id, raw or b"", row.at), row.imported, error=error)


def _begin_parsing(uow: UnitOfWork, items: list[Work], slowly: bool = False) -> list[Future]:
    """Hand the raw messages to two children, alternately. The readers are given nothing of this thread's session."""
    items = [item for item in items if item.error is None]
    views = {item.account.id: view(uow, item.account, secrets=False) for item in items}
    jobs = [(item.account.channel, views[item.account.id], item.received) for item in items]
    halves = [(items[n::2], jobs[n::2]) for n in (0, 1) if items[n::2]]
    parse = uow.runtime.parser.parse_slowly if slowly else uow.runtime.parser.parse_many
    return [PARSE_THREADS.submit(_parse, parse, *half) for half in halves]


def _parse(parse, items: list[Work], jobs: list) -> None:
    for item, result in zip(items, parse(jobs), strict=True):
        if isinstance(result, HelpdeskError):
            item.error = result
        else:
            item.events = result


def _write(uow: UnitOfWork, batch: list[Work]) -> None:
    """Write in order, in transactions of at most ``HOLD`` seconds; what breaks one is written alone, or set aside."""
    left = list(batch)
    while left:
        began, done = time.monotonic(), 0
        try:
            with uow.writing():
                left = _still_ours(uow, left)
                for item in left:
                    _write_one(uow, item)
                    done += 1
                    if time.monotonic() - began > HOLD:
                        break
                failpoint("ingest.written")
        except Exception as error:
            _write_alone(uow, left[0], None if done or is_transient(error) else error)
            done = 1
        del left[:done]
        if left:
            _give_way(uow, time.monotonic() - began)


def _still_ours(uow: UnitOfWork, items: list[Work]) -> list[Work]:
    """Without what another worker took over or finished, because our lease ran out while this machine slept or its clock jumped."""
    where = (held(RawMessage), RawMessage.id.in_([item.id for item in items]))
    ours = set(uow.session.scalars(select(RawMessage.id).where(*where).with_for_update()))
    return [item for item in items if item.id in ours]


def _give_way(uow: UnitOfWork, held: float) -> None:
    """Leave the lock free: as long as it was held when others here wait for it, else a moment for other processes."""
    lock = uow.session.get_bind().write_lock
    if lock is not None:
        time.sleep(min(held, HOLD) if lock.wanted else 0.001)


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
