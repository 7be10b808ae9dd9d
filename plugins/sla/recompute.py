"""The job that brings every clock to the newest rules, in small writes; after each, everybody else goes first."""

from __future__ import annotations

from helpdesk.api import jobs, sla
from helpdesk.api.errors import _
from helpdesk.api.work import UnitOfWork

from . import targets

BATCH = 15  # clocks in one write


def recompute(uow: UnitOfWork, job: jobs.Running) -> None:
    """Go through all clocks under way by id. Those that follow the rules already are left alone, so running it again
    is harmless.
    """
    after, done, total = 0, 0, sla.count_under_way(uow)
    while clocks := sla.under_way(uow, after, BATCH):
        targets.write(uow, clocks, uow.clock())
        after, done = clocks[-1].id, done + len(clocks)
        job.progress(done, max(done, total))


RECOMPUTE = jobs.JobKind("sla.recompute", recompute, _("Set the targets of open tickets anew"))
