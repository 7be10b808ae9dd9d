"""The background jobs: which wait and run, how far each is, what came of those that are over; cancelling them and
trying them again.
"""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.errors import _
from helpdesk.core.jobs import queue
from helpdesk.web import runtime, uow

from .pages import blueprint, done

SHOWN = 50  # that wait or run, and as many that are over


@blueprint.get("/jobs")
def jobs():
    """The page, or the list alone for a page that looks again."""
    labels = {name: kind.label for name, kind in runtime().jobs.items()}
    template = "admin/job_list.html" if request.headers.get("HX-Request") else "admin/jobs.html"
    return render_template(template, jobs=queue.recent(uow(), SHOWN), labels=labels, schedule=queue.SCHEDULE)


@blueprint.post("/jobs/<int:job_id>/cancel")
def cancel_job(job_id: int):
    """Let it go no further."""
    queue.cancel(uow(), job_id)
    return done(_("The job is cancelled, or stops at its next step."), "jobs")


@blueprint.post("/jobs/<int:job_id>/again")
def repeat_job(job_id: int):
    """Try it once more, now."""
    queue.again(uow(), job_id)
    return done(_("The job is queued again."), "jobs")
