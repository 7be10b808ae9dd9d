"""Leases: who works on a row now, and until when. A row whose worker died is free again (law 2)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, String, and_, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.core.database.rows import row_count

LEASE = timedelta(seconds=60)


class Leased:
    """The columns of a table whose rows are claimed: until when, and by which process (``worker_name``)."""

    lease_until: Mapped[datetime | None] = mapped_column(sort_order=1)
    worker: Mapped[str] = mapped_column(String(80), default="", sort_order=1)

    @classmethod
    def under_way(cls) -> ColumnElement[bool]:
        """The condition of rows that can be claimed or are."""
        return true()


class Unit(Protocol):
    """What leases need of a unit of work."""

    session: Session
    clock: Callable[[], datetime]

    def writing(self) -> AbstractContextManager[Session]:
        """A write, committed at its end."""


def worker_name(pid: int = 0) -> str:
    """A process of this host, else this one: by host, process id and the moment it began (ids are used again)."""
    pid = pid or os.getpid()
    return f"{socket.gethostname()[:40]}:{pid}:{_began(pid)}"


def free(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """The condition under which a row may be claimed."""
    return or_(model.lease_until.is_(None), model.lease_until < now)


def held(model: type[Leased]) -> ColumnElement[bool]:
    """The condition of rows that this process holds."""
    return and_(model.under_way(), model.worker == worker_name(), model.lease_until.is_not(None))


def release_orphaned_leases(uow: Unit, *models: type[Leased]) -> int:
    """Free at once what processes of this host that are gone had claimed; returns how many rows."""
    released = 0
    for model in models:
        claimed = (model.under_way(), model.lease_until.is_not(None))
        owners = uow.session.scalars(select(model.worker).where(*claimed).distinct()).all()
        dead = [owner for owner in owners if _is_dead(owner)]
        if dead:
            released += _set(uow, model, (*claimed, model.worker.in_(dead)), lease_until=None)
    return released


def renew(uow: Unit, *models: type[Leased]) -> None:
    """Keep what this process holds: its leases run out only when it is gone or stands still."""
    for model in models:
        if uow.session.scalar(select(model.worker).where(held(model)).limit(1)):
            _set(uow, model, (held(model),), lease_until=uow.clock() + LEASE)


def clamp_after_clock_change(uow: Unit, *models: type[Leased]) -> None:
    """Cut leases that end later than any given now would: the clock was set back. Who lives and holds one renews it."""
    for model in models:
        where = (model.under_way(), model.lease_until > uow.clock() + 2 * LEASE)
        if uow.session.scalar(select(model.worker).where(*where).limit(1)) is not None:
            _set(uow, model, where, lease_until=uow.clock() + LEASE)


def _set(uow: Unit, model: type[Leased], where: tuple[ColumnElement[bool], ...], **values: Any) -> int:
    statement = update(model).where(*where).values(values).execution_options(synchronize_session=False)
    with uow.writing() as session:
        return row_count(session.execute(statement))


def _is_dead(owner: str) -> bool:
    host, _, rest = owner.partition(":")
    pid, _, began = rest.partition(":")
    return host == socket.gethostname()[:40] and pid.isdigit() and _began(int(pid)) != began


def _began(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except OSError:
        return "gone"
