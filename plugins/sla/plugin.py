"""SLA: working hours, holidays and policies that say by when a customer is to hear from the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl, jobs, sla
from helpdesk.api.errors import NotFound, _
from helpdesk.api.health import Metric
from helpdesk.api.i18n import gettext
from helpdesk.api.sla import BusinessHours, ClockKind
from helpdesk.api.web import DeskPages, Link, Panel
from helpdesk.api.work import UnitOfWork

from . import opening, pages, targets, why
from .escalation import escalate
from .recompute import RECOMPUTE

API = "1"
DESCRIPTION = _("Says by when customers are to hear from you: working hours, holidays, goals, warnings.")
NOT_HEARD = ("sla.", "reply.automatic", "note.", "ticket.read", "delivery.sent")
PAUSED, DONE = frozenset({"waiting"}), frozenset({"solved"})
CLOCKS = [
    ClockKind(
        "first_answer",
        _("First answer"),
        starts=frozenset({"opened"}),
        pauses=PAUSED,
        resumes=frozenset({"resumed"}),
        meets=frozenset({"answered"}),
        cancels=DONE,
    ),
    ClockKind(
        "next_answer",
        _("Next answer"),
        starts=frozenset({"asked", "resumed", "reopened"}),
        pauses=PAUSED,
        resumes=frozenset({"resumed"}),
        meets=frozenset({"answered"}),
        cancels=DONE,
        unless="first_answer",
    ),
    ClockKind(
        "solution",
        _("Solution"),
        starts=frozenset({"opened", "asked", "reopened"}),
        pauses=PAUSED,
        resumes=frozenset({"resumed"}),
        meets=DONE,
    ),
]


@hookimpl
def register_clocks() -> list[ClockKind]:
    """Of the first answer, of each further one, and of the solution."""
    return CLOCKS


@hookimpl
def register_business_hours() -> list[BusinessHours]:
    """The calendars, for whatever follows business hours."""
    return [BusinessHours("sla", opening.calendars, opening.opening, opening.worked)]


@hookimpl
def register_jobs() -> list[jobs.JobKind]:
    """Setting all targets anew."""
    return [RECOMPUTE]


@hookimpl
def register_metrics() -> list[Metric]:
    """How many clocks are past their target."""
    return [Metric("overdue", "Clocks under way that are past their target", _overdue, ("clock",))]


@hookimpl
def register_pages() -> list[DeskPages]:
    """The page *Answer times*."""
    return [pages.pages]


@hookimpl
def register_panels() -> list[Panel]:
    """Why a target is when it is."""
    return [why.PANEL]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """A link to the page, for those who may change it."""
    return [Link(gettext("Answer times"), "/x/sla/", "timer")] if uow.actor.may("settings") else []


@hookimpl
def on_event(event, uow: UnitOfWork) -> None:
    """Set targets after whatever happens to a ticket, and escalate a missed one; a queue whose minutes change has all
    of them set anew.
    """
    if event.kind == "queue.changed":
        jobs.add(uow, RECOMPUTE, key=f"event-{event.seq}")
    elif event.kind == "sla.breached":
        escalate(uow, event.ticket_id, event.data["clock"])
    elif event.ticket_id and not event.kind.startswith(NOT_HEARD):
        try:
            targets.set_for(uow, event.ticket_id, event.at)
        except NotFound:
            return


def _overdue(uow: UnitOfWork) -> dict[tuple[str, ...], int]:
    found = sla.count_overdue(uow)
    return {(kind.name,): found.get(kind.name, 0) for kind in sla.kinds(uow)}
