"""The core's own jobs."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.core.errors import _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import queue
from .kinds import JobKind
from .runner import Running
from .schedule import Every


def _forget_finished(uow: UnitOfWork, job: Running) -> None:
    forgotten = 0
    while found := queue.forget_finished(uow):
        forgotten += found
        job.progress(forgotten)


JOBS = [
    JobKind("core.forget_jobs", _forget_finished, _("Forget jobs that finished long ago"), Every(timedelta(days=1)))
]
