"""Leases: who works on a row now, and until when. A row whose worker died is free again (law 2)."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from sqlalchemy import and_, or_, select, true, update

from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal.models import Cursor
from helpdesk.core.tickets.message_models import Delivery

LEASE = timedelta(seconds=60)
UNDER_WAY = {
    RawMessage: RawMessage.state == "new",
    Delivery: Delivery.state.in_(("queued", "sending")),
    Cursor: true(),
    Job: Job.due_at.is_not(None),
}


def worker_name() -> str:
    """This process, by host, process id and the moment it began (ids are used again)."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_began(os.getpid())}"


def free(model, now):
    """The condition under which a row may be claimed."""
    return or_(model.lease_until.is_(None), model.lease_until < now)


def release_orphaned_leases(uow) -> int:
    """Free at once what processes of this host that are gone had claimed; returns how many rows."""
    released = 0
    for model, under_way in UNDER_WAY.items():
        claimed = (under_way, model.lease_until.is_not(None))
        owners = uow.session.scalars(select(model.worker).where(*claimed).distinct()).all()
        dead = [owner for owner in owners if _is_dead(owner)]
        if dead:
            released += _set(uow, model, (*claimed, model.worker.in_(dead)), lease_until=None)
    return released


def renew(uow) -> None:
    """Keep what this process holds: its leases run out only when it is gone or stands still."""
    for model in (RawMessage, Delivery, Job):
        if uow.session.scalar(select(model.worker).where(held(model)).limit(1)):
            _set(uow, model, (held(model),), lease_until=uow.clock() + LEASE)


def clamp_after_clock_change(uow) -> None:
    """Cut leases that end later than any given now would: the clock was set back. Who lives and holds one renews it."""
    for model, under_way in UNDER_WAY.items():
        where = (under_way, model.lease_until > uow.clock() + 2 * LEASE)
        if uow.session.scalar(select(model.worker).where(*where).limit(1)) is not None:
            _set(uow, model, where, lease_until=uow.clock() + LEASE)


def held(model):
    """The condition of rows that this process holds."""
    return and_(UNDER_WAY[model], model.worker == worker_name(), model.lease_until.is_not(None))


def _set(uow, model, where: tuple, **values) -> int:
    with uow.writing() as session:
        return session.execute(
            update(model).where(*where).values(values).execution_options(synchronize_session=False)
        ).rowcount


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
