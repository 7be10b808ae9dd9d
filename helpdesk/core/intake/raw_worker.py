"""Working off parcels: claim, parse in a child, decide with the plugins, write; and quarantine for what cannot be read at all."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from . import ingest, message_events
from .accounts import view
from .channel_events import ChannelEvent, Inbound
from .channels import Parcel as Arrived
from .database import alone, change, passing
from .errors import HelpdeskError, Malformed, _, told
from .events.intake import ParcelQuarantined
from .failpoints import step
from .leases import LEASE, free, held, worker_name
from .models import Account, Parcel
from .parsing import NoSpace

BATCH = 50
TRIES = 3
HOLD = 0.020  # seconds a writer may hold the lock (law 7)
WRITTEN = ("done", "duplicate")  # states that ``ingest.write`` has written already
TELLING = ("done", "event", "report", "duplicate")  # of several events of one parcel the first of these is its state
PAUSE = timedelta(seconds=10)  # before a parcel is read again whose files had no room
CLAIM_LOCK = 0x48414D46  # PostgreSQL: who claims sees what others have claimed, so that an account is only ever in one hand
READERS = ThreadPoolExecutor(4, thread_name_prefix="reader")  # they only wait for children


@dataclass
class Work:
    """One claimed parcel on its way: ``events`` or ``error`` are set after parsing, ``decided`` after the plugins spoke, in the events' order."""

    id: int
    attempts: int
    account: Account
    arrived: Arrived
    quiet: bool = False
    events: list[ChannelEvent] = field(default_factory=list)
    error: HelpdeskError | None = None
    decided: list[ingest.Decided | ChannelEvent] = field(default_factory=list)


@dataclass
class Batch:
    """Claimed parcels and the readings of them that are under way."""

    items: list[Work]
    readings: list[Future]


def work(desk, limit: int = BATCH) -> int:
    """Take up to ``limit`` parcels as far as they go; returns how many were claimed."""
    batch = start(desk, limit)
    return finish(desk, batch) if batch else 0


def drain(desk, progress=lambda done: None, stop=lambda: False) -> int:
    """Work until nothing is left that can be claimed, reading one batch while the one before is written; returns how many.

    After ``stop()`` is true nothing new is claimed.
    """
    done, batch = 0, start(desk)
    while batch:
        with _let_go(desk, batch.items):
            following = None if stop() else start(desk, beside=batch)
        with _let_go(desk, following.items if following else []):
            done += finish(desk, batch)
        progress(done)
        batch = following or (None if stop() else start(desk))
    return done


def start(desk, limit: int = BATCH, beside: Batch | None = None) -> Batch | None:
    """Claim parcels and let the children begin to read them; None when there is nothing to do beside what is in hand."""
    if beside and beside.items[0].attempts:
        return None
    items = _claim(desk, limit, beside is not None)
    with _let_go(desk, items):
        return Batch(items, _begin_parsing(desk, items)) if items else None


def finish(desk, batch: Batch) -> int:
    """Wait until a batch is read, let the plugins decide, write; returns how many parcels it was."""
    with _let_go(desk, batch.items):
        for reading in batch.readings:
            reading.result()
        step("ingest.parsed")
        for item in batch.items:
            item.decided = [ingest.decide(desk, item.account, e) if isinstance(e, Inbound) else e for e in item.events]
        desk.session.rollback()
        _write(desk, batch.items)
    step("ingest.committed")
    return len(batch.items)


@contextmanager
def _let_go(desk, items: list[Work]):
    """When something fails, free the claims on what is not filed yet; if that fails too, ``take_back`` does it later."""
    try:
        yield
    except BaseException as error:
        with suppress(Exception):
            _free(desk, Parcel.id.in_([item.id for item in items]), counted=not passing(error))
        raise


def take_back(desk) -> None:
    """Free what this process had claimed when it lost the database: for a loop that begins anew."""
    _free(desk, counted=False)


def _free(desk, *where, counted: bool) -> None:
    """Give claims of this process back; a try that was not the parcel's fault does not count."""
    values = {"lease_until": None} | ({} if counted else {"attempts": Parcel.attempts - 1})
    with desk.writing() as session:
        session.execute(update(Parcel).where(held(Parcel), *where).values(values).execution_options(synchronize_session=False))


def counts(desk, first: int = 0, account_id: int | None = None) -> dict[str, int]:
    """How many parcels after id ``first`` are in which state."""
    query = select(Parcel.state, func.count()).where(Parcel.id > first).group_by(Parcel.state)
    if account_id is not None:
        query = query.where(Parcel.account_id == account_id)
    return dict(desk.session.execute(query).all())


def _claim(desk, limit: int, beside: bool = False) -> list[Work]:
    """The oldest parcels of accounts nobody else works on: what comes to one account is taken in the order it came."""
    now, me = desk.clock(), worker_name()
    if desk.session.scalar(select(Parcel.id).where(Parcel.state == "new", free(Parcel, now)).limit(1)) is None:
        desk.session.rollback()
        return []
    if not beside:
        desk.session.rollback()
        desk.house.parser.warm()
    with desk.writing() as session:
        alone(session, CLAIM_LOCK)
        busy = select(Parcel.account_id).where(Parcel.state == "new", Parcel.lease_until >= now, Parcel.worker != me)
        query = (
            select(Parcel)
            .where(Parcel.state == "new", free(Parcel, now), Parcel.account_id.not_in(busy))
            .order_by(Parcel.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = _together(list(session.scalars(query)), beside)
        if not rows:
            return []
        values = {"lease_until": now + LEASE, "worker": me, "attempts": Parcel.attempts + 1}
        session.execute(
            update(Parcel).where(Parcel.id.in_([r.id for r in rows])).values(values).execution_options(synchronize_session=False)
        )
        accounts = {a.id: a for a in session.scalars(select(Account).where(Account.id.in_({r.account_id for r in rows})))}
        raws = dict(session.execute(select(Parcel.id, Parcel.raw).where(Parcel.id.in_([r.id for r in rows]))).all())
    return [_taken(desk, row, accounts[row.account_id], raws[row.id]) for row in rows]


def _together(rows: list[Parcel], beside: bool) -> list[Parcel]:
    """What may be in hand at once. A parcel that was tried before is tried alone: if it ends its worker again, no other is blamed."""
    good = next((number for number, row in enumerate(rows) if row.attempts), len(rows))
    return rows[:good] if good or beside else rows[:1]


def _taken(desk, row: Parcel, account: Account, raw: bytes | None) -> Work:
    """A claimed parcel with its bytes, or with the reason why they are not there."""
    error = None
    if row.blob:
        try:
            raw = desk.blobs.get(row.blob)
        except OSError as fault:
            error = HelpdeskError(_("Its bytes cannot be read from the disk (%(fault)s)."), fault=type(fault).__name__)
    return Work(row.id, row.attempts, account, Arrived(row.external_id, raw or b"", row.at), row.quiet, error=error)


def _begin_parsing(desk, items: list[Work]) -> list[Future]:
    """Hand the parcels to two children, alternately. The readers are given nothing of this thread's session."""
    items = [item for item in items if item.error is None]
    views = {item.account.id: view(desk, item.account, secrets=False) for item in items}
    jobs = [(item.account.channel, views[item.account.id], item.arrived) for item in items]
    halves = [(items[n::2], jobs[n::2]) for n in (0, 1) if items[n::2]]
    return [READERS.submit(_parse, desk.house.parser, *half) for half in halves]


def _parse(parser, items: list[Work], jobs: list) -> None:
    for item, result in zip(items, parser.parse_many(jobs), strict=True):
        if isinstance(result, HelpdeskError):
            item.error = result
        else:
            item.events = result


def _write(desk, batch: list[Work]) -> None:
    """Write in order, in transactions of at most ``HOLD`` seconds; what breaks one is written alone, or set aside."""
    left = list(batch)
    while left:
        began, done = time.monotonic(), 0
        try:
            with desk.writing():
                left = _still_ours(desk, left)
                for item in left:
                    _write_one(desk, item)
                    done += 1
                    if time.monotonic() - began > HOLD:
                        break
                step("ingest.written")
        except Exception as error:
            _write_alone(desk, left[0], None if done or passing(error) else error)
            done = 1
        del left[:done]
        if left:
            _give_way(desk, time.monotonic() - began)


def _still_ours(desk, items: list[Work]) -> list[Work]:
    """Without what another worker took over or finished, because our lease ran out while this machine slept or its clock jumped."""
    where = (held(Parcel), Parcel.id.in_([item.id for item in items]))
    ours = set(desk.session.scalars(select(Parcel.id).where(*where).with_for_update()))
    return [item for item in items if item.id in ours]


def _give_way(desk, held: float) -> None:
    """Leave the lock free: as long as it was held when others here wait for it, else a moment for other processes."""
    lock = desk.session.get_bind().write_lock
    if lock is not None:
        time.sleep(min(held, HOLD) if lock.wanted else 0.001)


def _write_one(desk, item: Work) -> None:
    if item.error is not None:
        _set_aside(desk, item, item.error)
    elif item.decided:
        states = [_write_event(desk, item, event) for event in item.decided]
        if len(states) > 1 or states[0] not in WRITTEN:
            ingest.finish(desk, item.id, min(states, key=TELLING.index))
    else:
        _state(desk, item.id, "nothing")


def _write_event(desk, item: Work, event: ingest.Decided | ChannelEvent) -> str:
    if isinstance(event, ingest.Decided):
        return ingest.write(desk, item.id, event, item.quiet)
    return message_events.enter(desk, item.account.id, item.id, event, wait=not item.quiet)


def _write_alone(desk, item: Work, error: Exception | None) -> None:
    """One parcel in a transaction of its own; a fault leaves it for another try, the third in quarantine."""
    try:
        if error is not None:
            raise error
        with desk.writing():
            if _still_ours(desk, [item]):
                _write_one(desk, item)
    except IntegrityError:
        with desk.writing():
            _again(desk, item, _("Somebody else was writing the same thing."))
    except Exception as error:
        if passing(error):
            raise
        with desk.writing():
            _again(desk, item, told(_("The desk could not file this message: %(fault)s"), fault=type(error).__name__))


def _set_aside(desk, item: Work, error: HelpdeskError) -> None:
    if isinstance(error, Malformed):
        _state(desk, item.id, "quarantined", reason=told(error))
        desk.record(ParcelQuarantined(parcel=item.id, account=item.account.id))
    elif isinstance(error, NoSpace):
        _later(desk, item, told(error))
    else:
        _again(desk, item, told(error))


def _again(desk, item: Work, reason: str) -> None:
    if item.attempts + 1 < TRIES:
        _state(desk, item.id, "new", reason=reason)
        return
    _state(desk, item.id, "quarantined", reason=reason)
    desk.record(ParcelQuarantined(parcel=item.id, account=item.account.id))


def _later(desk, item: Work, reason: str) -> None:
    """Nobody's for a moment, and its account waits with it; this try does not count."""
    values = {"worker": "", "lease_until": desk.clock() + PAUSE, "attempts": item.attempts, "reason": reason}
    change(desk.session, Parcel, item.id, **values)


def _state(desk, parcel_id: int, state: str, **values) -> None:
    change(desk.session, Parcel, parcel_id, state=state, lease_until=None, **values)


def bury_the_killers(desk) -> int:
    """Quarantine parcels that were claimed three times and never finished: each time they took their worker along."""
    with desk.writing() as session:
        where = (Parcel.state == "new", Parcel.attempts >= TRIES, free(Parcel, desk.clock()))
        rows = list(session.scalars(select(Parcel).where(*where).with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.lease_until = "quarantined", None
            row.reason = row.reason or _("Reading it ended the reader three times.")
            desk.record(ParcelQuarantined(parcel=row.id, account=row.account_id))
    return len(rows)
