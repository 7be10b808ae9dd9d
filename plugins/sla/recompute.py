"""The job that brings every clock to the newest rules: in small writes, with a pause after each, so that nobody waits
for it.
"""

from __future__ import annotations

import time

from helpdesk.api import jobs, sla
from helpdesk.api.errors import _
from helpdesk.api.work import UnitOfWork

from . import targets

BATCH = 15  # clocks in one write
REST = 0.01  # seconds after each at least, and as long as it took: half the time is everybody else's


def recompute(uow: UnitOfWork, job: jobs.Running) -> None:
    """Go through all clocks under way by id. Those that follow the rules already are left alone, so running it again
    is harmless.
    """
    after, done, total = 0, 0, sla.count_under_way(uow)
    began = time.monotonic()
    while clocks := sla.under_way(uow, after, BATCH):
        targets.write(uow, clocks, uow.clock())
        after, done = clocks[-1].id, done + len(clocks)
        job.progress(done, max(done, total))
        time.sleep(max(REST, time.monotonic() - began))
        began = time.monotonic()


RECOMPUTE = jobs.JobKind("sla.recompute", recompute, _("Set the targets of open tickets anew"))
