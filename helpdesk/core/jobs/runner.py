"""Running jobs: claimed by lease, run without any lock, at least once, what came of it written down.

A job whose process died is run again by another. One that was in hand each time its process died ends as failed (it may
have killed them).
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from helpdesk.core.actor import DESK, Actor
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.errors import HelpdeskError, TryAgain, Unavailable, _, dump_message
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of

from .kinds import JobKind
from .models import Job
from .queue import SCHEDULE
from .schedule import following, is_missed

WAITS = (5, 30, 120, 600, 1800, 3600)  # seconds before each further try; the last one repeats
LANE = 2  # jobs of one lane at a time in a process
SPARE = timedelta(seconds=1)  # progress is written down at most this often


class Cancelled(HelpdeskError):
    """Raised by ``progress`` inside a job that somebody cancelled; let it pass."""

    status = 409


@dataclass
class Running:
    """A job as its own function sees it. ``slot`` is the moment a scheduled run stands for, ``tries`` counts from 1."""

    id: int
    kind: str
    args: dict[str, Any]
    tries: int
    slot: datetime | None
    _uow: UnitOfWork = field(repr=False)
    _written: datetime | None = field(default=None, repr=False)

    def progress(self, done: int, total: int = 0) -> None:
        """Say how far it is, ``done`` of ``total``; call it between writes, often: everything else that is ready goes
        first. Raises Cancelled when somebody cancelled the job.
        """
        self._uow.runtime.pause_bulk()
        now = self._uow.clock()
        if self._written and timedelta(0) <= now - self._written < SPARE and done != total:
            return
        self._written = now
        with code_of(""), self._uow.writing() as session:
            row = session.get_one(Job, self.id, populate_existing=True)
            row.done, row.total = done, total
            cancelled = row.cancel_asked or row.worker != worker_name()
        if cancelled:
            raise Cancelled(_("Somebody cancelled this job."))


def claim(uow: UnitOfWork, in_hand: Collection[str] = ()) -> int | None:
    """Claim the most overdue job whose lane is free; ``in_hand`` are the lanes of those this process runs. None when
    nothing is due.
    """
    now = uow.clock()
    full = {lane for lane in in_hand if list(in_hand).count(lane) >= LANE}
    due = (Job.due_at <= now, free(Job, now), Job.kind.in_(list(uow.runtime.jobs)), Job.lane.not_in(full))
    if uow.session.scalar(select(Job.id).where(*due).limit(1)) is None:
        return None
    with uow.writing() as session:
        query = select(Job).where(*due).order_by(Job.due_at, Job.id).limit(1)
        job = session.scalars(query.with_for_update(skip_locked=True)).first()
        if job is not None:
            job.state, job.lease_until, job.worker, job.tries = "running", now + LEASE, worker_name(), job.tries + 1
    failpoint("jobs.claimed")
    return job.id if job else None


def run(uow: UnitOfWork, job_id: int) -> str:
    """Run a claimed job and write down what came of it: done, failed, cancelled, or "queued" for another try."""
    job = uow.session.get_one(Job, job_id, populate_existing=True)
    kind = uow.runtime.jobs.named(job.kind)
    result = _try(uow, kind, job)
    failpoint("jobs.run")
    with uow.writing() as session:
        state = _enter(uow, kind, session.get_one(Job, job_id, populate_existing=True), *result)
    failpoint("jobs.committed")
    return state


def release(uow: UnitOfWork, job_id: int | None = None) -> None:
    """Free one job, or all that this process holds: nobody here works on them any more."""
    where = (held(Job),) if job_id is None else (held(Job), Job.id == job_id)
    with uow.writing() as session:
        session.execute(update(Job).where(*where).values(lease_until=None).execution_options(synchronize_session=False))


def _try(uow: UnitOfWork, kind: JobKind, job: Job) -> tuple[str, str, float | None]:
    """(state, reason, seconds to wait) of one try. What passes by itself, such as a database that is away, is
    raised.
    """
    if job.tries > kind.tries:
        return "failed", dump_message(_("Each time it was started, its process ended first.")), None
    if kind.schedule and job.slot and is_missed(kind.schedule, job.slot, uow.clock(), kind.catch_up):
        return "done", "", None
    seen = (job.id, job.kind, dict(job.args), job.tries, job.slot)
    uow.session.rollback()
    try:
        with uow.runtime.uow(_actor(kind)) as own, code_of(_owner(kind)):
            kind.run(own, Running(*seen, own))
        return "done", "", None
    except Cancelled:
        return "cancelled", "", None
    except HelpdeskError as error:
        final = 400 <= error.status < 500 and error.status != 409
        after = error.after if isinstance(error, TryAgain | Unavailable) else None
        return "failed" if final else "queued", dump_message(error), after
    except (Exception, SystemExit) as error:
        if isinstance(error, Exception) and is_transient(error):
            raise
        _blame(uow, kind)
        return "queued", dump_message(_("Its own code failed: %(fault)s"), fault=type(error).__name__), None


def _owner(kind: JobKind) -> str:
    """The plugin of a kind, "" for the core's."""
    owner = kind.name.split(".", 1)[0]
    return "" if owner == "core" else owner


def _actor(kind: JobKind) -> Actor:
    return Actor(f"plugin:{_owner(kind)}") if _owner(kind) else DESK


def _blame(uow: UnitOfWork, kind: JobKind) -> None:
    plugin = uow.hooks.plugins.get(_owner(kind))
    if plugin:
        uow.hooks.fault(plugin, f"job {kind.name}"[:60], traceback.format_exc(limit=-4))


def _enter(uow: UnitOfWork, kind: JobKind, job: Job, state: str, reason: str, after: float | None) -> str:
    if job.worker != worker_name() or job.state != "running":
        return job.state
    now = uow.clock()
    job.lease_until, job.reason = None, reason
    if state == "queued" and job.tries < kind.tries:
        job.state, job.due_at = "queued", now + timedelta(seconds=_wait(job.tries, after))
        return "queued"
    state = "failed" if state == "queued" else state
    if kind.schedule and job.key == SCHEDULE:
        slot = following(kind.schedule, job.slot or now, now, kind.catch_up)
        job.state, job.due_at, job.slot, job.tries, job.cancel_asked = "queued", slot, slot, 0, False
        job.finished_at = None
    else:
        job.state, job.due_at, job.finished_at = state, None, now
    return state


def _wait(tries: int, after: float | None) -> float:
    """Seconds until the next try: longer each time, never all at once."""
    base = WAITS[min(tries, len(WAITS)) - 1]
    return max(base * random.uniform(0.8, 1.2), after or 0)
