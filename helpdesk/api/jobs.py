"""Jobs: declare kinds (``register_jobs``), add rows of them that are run later, at a moment, every so often or by
cron.
"""

from helpdesk.core.jobs import queue
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.queue import get, recent
from helpdesk.core.jobs.runner import Cancelled, Running
from helpdesk.core.jobs.schedule import Cron, Every

from ._calls import writes

add, again, cancel = writes(queue.add), writes(queue.again), writes(queue.cancel)

__all__ = ["Cancelled", "Cron", "Every", "JobKind", "Running", "add", "again", "cancel", "get", "recent"]
