"""Leases: who works on a row now, and until when. A row whose worker died is free again (law 2)."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from sqlalchemy import or_, select, update

LEASE = timedelta(seconds=60)


def worker_name() -> str:
    """This process, by host, process id and the moment it began (ids are used again)."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_began(os.getpid())}"


def free(model, now):
    """The condition under which a row may be claimed."""
    return or_(model.lease_until.is_(None), model.lease_until < now)


def release_of_the_dead(desk, *models) -> int:
    """Free at once what processes of this host that are gone had claimed; returns how many rows."""
    released = 0
    with desk.writing() as session:
        for model in models:
            owners = session.scalars(select(model.worker).where(model.lease_until.is_not(None)).distinct()).all()
            dead = [owner for owner in owners if _is_dead(owner)]
            if dead:
                result = session.execute(update(model).where(model.worker.in_(dead)).values(lease_until=None))
                released += result.rowcount
    return released


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
