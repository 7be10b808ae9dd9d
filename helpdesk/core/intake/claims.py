"""Claims of raw messages: by lease, an account at a time and in the order they came, and how they are released
(law 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, update
from sqlalchemy.orm import aliased

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.database.locks import advisory_lock
from helpdesk.core.errors import HelpdeskError, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .attempts import SLOW_LANE, Work
from .models import SMALL, RawMessage

CLAIM_LOCK = 0x48414D46  # PostgreSQL: claims run one after the other, so that one process holds an account


class Lane(NamedTuple):
    """Raw messages that are claimed together; ``after`` says what of an interactive conversation is done before."""

    takes: ColumnElement[bool]
    after: ColumnElement[bool] | None = None


EARLIER = aliased(RawMessage)
_ordinary = RawMessage.worker != SLOW_LANE
_quick = and_(RawMessage.interactive, RawMessage.size <= SMALL)
ANY = Lane(_ordinary)
FAST = Lane(and_(_ordinary, _quick), EARLIER.size > SMALL)
BULK = Lane(and_(_ordinary, not_(_quick)), EARLIER.size <= SMALL)
SLOW = Lane(RawMessage.worker == SLOW_LANE)


def claim(uow: UnitOfWork, limit: int, beside: bool = False, lane: Lane = ANY) -> list[Work]:
    """The oldest raw messages of a lane that may be taken now, in the order they came."""
    now, me = uow.clock(), worker_name()
    waiting = (RawMessage.state == "new", lane.takes, free(RawMessage, now))
    if uow.session.scalar(select(RawMessage.id).where(*waiting).limit(1)) is None:
        uow.session.rollback()
        return []
    if not beside:
        uow.session.rollback()
        uow.runtime.parser.warm(fast=lane is FAST)
    with uow.writing() as session:
        advisory_lock(session, CLAIM_LOCK)
        query = (
            select(RawMessage)
            .where(*waiting, *_in_order(lane, now, me))
            .order_by(RawMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = _together(list(session.scalars(query)), beside)
        if not rows:
            return []
        ids = [row.id for row in rows]
        leased = {"lease_until": now + LEASE, "worker": me, "attempts": RawMessage.attempts + 1}
        change = update(RawMessage).where(RawMessage.id.in_(ids)).values(leased)
        session.execute(change.execution_options(synchronize_session=False))
        theirs = select(Account).where(Account.id.in_({row.account_id for row in rows}))
        accounts = {account.id: account for account in session.scalars(theirs)}
        raws = dict(session.execute(select(RawMessage.id, RawMessage.raw).where(RawMessage.id.in_(ids))).all())
    return [_taken(uow, row, accounts[row.account_id], raws[row.id]) for row in rows]


def _in_order(lane: Lane, now: datetime, me: str) -> list[ColumnElement[bool]]:
    """What comes to one account is taken in its order, so only one process works on it; of interactive channels what
    belongs to one conversation is, in both lanes.
    """
    busy = select(RawMessage.account_id).where(
        RawMessage.state == "new", RawMessage.lease_until >= now, RawMessage.worker != me
    )
    before = select(EARLIER.id).where(
        EARLIER.state == "new",
        EARLIER.interactive,
        EARLIER.account_id == RawMessage.account_id,
        EARLIER.conversation == RawMessage.conversation,
        EARLIER.id < RawMessage.id,
        EARLIER.worker != SLOW_LANE,
        or_(EARLIER.lease_until >= now, lane.after if lane.after is not None else false()),
    )
    by_account: list[ColumnElement[bool]] = [] if lane is FAST else [RawMessage.account_id.not_in(busy)]
    return by_account if lane.after is None else [*by_account, not_(before.exists())]


def _together(rows: list[RawMessage], beside: bool) -> list[RawMessage]:
    """What may be in hand at once. A raw message that was tried before is tried alone: if it ends its worker again,
    no other is blamed.
    """
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


@contextmanager
def let_go_on_failure(uow: UnitOfWork, items: list[Work]) -> Iterator[None]:
    """When something fails, free the claims on what is not filed yet; if that fails too, ``release_own_leases`` does
    it later.
    """
    try:
        yield
    except BaseException as error:
        with suppress(Exception):
            _free(uow, RawMessage.id.in_([item.id for item in items]), counted=not is_transient(error))
        raise


def release_own_leases(uow: UnitOfWork, lane: Lane | None = None) -> None:
    """Free what this process had claimed when it lost the database, in one lane or all: for a loop that begins anew."""
    _free(uow, *([lane.takes] if lane else []), counted=False)


def _free(uow: UnitOfWork, *where: Any, counted: bool) -> None:
    """Give claims of this process back; a try that was not the raw message's fault does not count."""
    values = {"lease_until": None} | ({} if counted else {"attempts": RawMessage.attempts - 1})
    with uow.writing() as session:
        session.execute(
            update(RawMessage)
            .where(held(RawMessage), *where)
            .values(values)
            .execution_options(synchronize_session=False)
        )
