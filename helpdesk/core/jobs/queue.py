"""Adding jobs, looking at them, cancelling them and trying them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from helpdesk.core.database.rows import by_id, insert_or_not, row_count
from helpdesk.core.errors import Conflict, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .kinds import JobKind, JobKinds
from .models import Job

SCHEDULE = "schedule"  # the key of the one job that a kind with a schedule keeps going
KEPT = timedelta(days=14)  # finished jobs stay this long for whoever looks


def add(
    uow: UnitOfWork,
    kind: JobKind | str,
    args: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    at: datetime | None = None,
    lane: str = "",
) -> int:
    """Write a job in the running commit, or in one of its own; returns its id. ``args`` is plain JSON: ids, never a
    secret.

    A ``key`` makes it idempotent: while a job of this kind and key is there (finished ones for ``KEPT``), its id is
    returned instead. At most two jobs of one ``lane`` run at a time in a process (the kind's name unless given). ``at``
    is when it is due, now by default.
    """
    known: JobKind = uow.runtime.jobs.named(kind if isinstance(kind, str) else kind.name)
    now = uow.clock()
    row = {
        "kind": known.name,
        "key": key,
        "lane": lane or known.name,
        "args": args or {},
        "due_at": at or now,
        "created_at": now,
    }
    with uow.writing() as session:
        connection = session.connection()
        found = connection.scalar(insert_or_not(Job, connection.dialect.name).returning(Job.id), row)
        found = found or session.scalars(select(Job.id).where(Job.kind == known.name, Job.key == key)).one()
        uow.wake("jobs")
    return int(found)


def get(uow: UnitOfWork, job_id: int) -> Job:
    """The job of this id as it is now, for admins."""
    uow.actor.must("settings")
    job = by_id(uow.session, Job, job_id, populate_existing=True)
    if job is None:
        raise NotFound()
    return job


def recent(uow: UnitOfWork, limit: int = 100) -> list[Job]:
    """Jobs for the admin's page: those that wait or run, then the newest finished ones."""
    uow.actor.must("settings")
    waiting = select(Job).where(Job.due_at.is_not(None)).order_by(Job.due_at, Job.id).limit(limit)
    finished = select(Job).where(Job.finished_at.is_not(None)).order_by(Job.finished_at.desc()).limit(limit)
    return [*uow.session.scalars(waiting), *uow.session.scalars(finished)]


def cancel(uow: UnitOfWork, job_id: int) -> None:
    """Cancel a job: at once while it waits, at its next progress while it runs. A scheduled one goes on with its
    next moment.
    """
    with uow.writing():
        job = get(uow, job_id)
        if job.state == "running":
            job.cancel_asked = True
        elif job.state == "queued" and job.key != SCHEDULE:
            job.state, job.due_at, job.finished_at = "cancelled", None, uow.clock()
        else:
            raise Conflict(_("This job cannot be cancelled: it is over, or scheduled."))


def again(uow: UnitOfWork, job_id: int) -> None:
    """Try a failed or cancelled job again, or a waiting one at once."""
    with uow.writing():
        job = get(uow, job_id)
        if job.state in ("running", "done"):
            raise Conflict(_("This job runs, or is done."))
        job.state, job.tries, job.due_at, job.finished_at, job.cancel_asked = "queued", 0, uow.clock(), None, False
        uow.wake("jobs")


def plan(uow: UnitOfWork, kinds: JobKinds) -> None:
    """Keep one job for each kind with a schedule, due at its next moment; a schedule that was changed begins anew."""
    for kind in kinds.values():
        if kind.schedule:
            _plan(uow, kind)


def _plan(uow: UnitOfWork, kind: JobKind) -> None:
    if kind.schedule is None:
        return
    spelt, now = str(kind.schedule), uow.clock()
    where = (Job.kind == kind.name, Job.key == SCHEDULE)
    found = uow.session.scalar(select(Job.args).where(*where))
    if found and found.get("schedule") == spelt:
        return
    slot = kind.schedule.after(now)
    with uow.writing() as session:
        job_id = add(uow, kind, {"schedule": spelt}, key=SCHEDULE, at=slot)
        anew = {
            "state": "queued",
            "args": {"schedule": spelt},
            "due_at": slot,
            "slot": slot,
            "tries": 0,
            "lease_until": None,
        }
        session.execute(update(Job).where(Job.id == job_id, Job.state != "running").values(anew))


def forget_finished(uow: UnitOfWork, limit: int = 1000) -> int:
    """Delete jobs that finished longer than ``KEPT`` ago, some at a time; returns how many."""
    old = select(Job.id).where(Job.finished_at < uow.clock() - KEPT).limit(limit)
    with uow.writing() as session:
        return row_count(session.execute(delete(Job).where(Job.id.in_(list(session.scalars(old))))))


def oldest_due(uow: UnitOfWork, kinds: Iterable[str]) -> datetime | None:
    """Since when the most overdue job of these kinds should have run."""
    query = select(func.min(Job.due_at)).where(Job.due_at.is_not(None), Job.kind.in_(list(kinds)))
    due = uow.session.scalar(query)
    return due if due and due < uow.clock() else None
