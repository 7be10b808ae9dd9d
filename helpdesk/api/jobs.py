"""Jobs: declare kinds (``register_jobs``), add rows of them that are run later, at a moment, every so often or by cron."""

from ..core.jobs.kinds import JobKind
from ..core.jobs.queue import add, again, cancel, get, recent
from ..core.jobs.runner import Cancelled, Running
from ..core.jobs.schedule import Cron, Every

__all__ = ["Cancelled", "Cron", "Every", "JobKind", "Running", "add", "again", "cancel", "get", "recent"]
