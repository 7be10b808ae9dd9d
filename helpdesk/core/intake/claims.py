"""Which raw messages are in hand: claimed by lease, an account at a time and in the order they came, and given back
(law 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import select, update

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.database.locks import advisory_lock
from helpdesk.core.errors import HelpdeskError, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .attempts import SLOW_LANE, Work
from .models import RawMessage

CLAIM_LOCK = (
    0x48414D46  # PostgreSQL: who claims sees what others have claimed, so that an account is only ever in one hand
)


def claim(uow: UnitOfWork, limit: int, beside: bool = False, lane: Any = RawMessage.worker != SLOW_LANE) -> list[Work]:
    """The oldest raw messages of accounts nobody else works on: what comes to one account is taken in the order it
    came.
    """
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


def release_own_leases(uow: UnitOfWork) -> None:
    """Free what this process had claimed when it lost the database: for a loop that begins anew."""
    _free(uow, counted=False)


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
