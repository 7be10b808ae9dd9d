"""Why a clock's target is when it is: its policy, calendar, goal, what was used, its pauses and the holidays on the
way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from helpdesk.api import sla
from helpdesk.api.errors import _
from helpdesk.api.i18n import current, gettext
from helpdesk.api.web import Panel
from helpdesk.api.work import UnitOfWork

from . import store
from .course import Course, used
from .rules import ALWAYS

SHOWN = 4  # clocks of a ticket, the newest
STATES = {
    "pending": _("being worked out"),
    "running": _("runs"),
    "paused": _("paused: waiting for the customer"),
    "met": _("met"),
    "cancelled": _("not needed any more"),
}


def load(uow: UnitOfWork, ticket_id: int) -> Mapping[str, Any] | None:
    """What the panel shows of a ticket: its clocks with a goal; None where it has none."""
    names = {kind.name: kind.label for kind in sla.kinds(uow)}
    clocks = [clock for clock in sla.of_ticket(uow, ticket_id, all_=True) if clock.goal is not None][-SHOWN:]
    return {"clocks": [explained(uow, clock, names) for clock in reversed(clocks)]} if clocks else None


def explained(uow: UnitOfWork, clock: sla.Clock, names: Mapping[str, str]) -> dict[str, Any]:
    """One clock in words and values."""
    rules = store.version(uow, clock.reasons.get("rules", 0))
    hours = rules.hours.get(clock.reasons.get("calendar", ALWAYS)) or rules.hours[ALWAYS]
    policy = next((p.name for p in rules.policies if p.id == clock.reasons.get("policy")), "")
    spent = used(hours.calendar, course_of(clock), uow.clock())
    return {
        "name": gettext(names.get(clock.name, clock.name)),
        "state": "breached" if clock.breached_at else clock.state,
        "word": gettext(_("missed")) if clock.breached_at else gettext(STATES[clock.state]),
        "target_at": clock.target_at,
        "policy": policy or gettext(_("the time of its queue")),
        "calendar": hours.name or gettext(_("round the clock")),
        "goal": None if clock.goal is None else timedelta(seconds=clock.goal),
        "used": spent,
        "pauses": pauses(clock),
        "skipped": [(date.fromisoformat(day), named(names_)) for day, names_ in clock.reasons.get("skipped", [])],
    }


def course_of(clock: sla.Clock) -> Course:
    """A clock as the arithmetic takes it."""
    return Course(timedelta(seconds=clock.used), clock.spans, clock.running_since)


def pauses(clock: sla.Clock) -> list[tuple[datetime, datetime | None]]:
    """(from, until) between the stretches in which a clock ran; until None when it is paused now."""
    ends = [end for _begin, end in clock.spans]
    goes_on = [begin for begin, _end in clock.spans[1:]] + [clock.running_since]
    found = list(zip(ends, goes_on, strict=False))
    return [(end, begin) for end, begin in found if begin != end and (begin or clock.state == "paused")]


def named(names: Mapping[str, str]) -> str:
    """A holiday's name in the reader's language, else in any."""
    return names.get(current.get().language) or next(iter(names.values()), "")


PANEL = Panel(
    name="why",
    title=_("Why this time?"),
    icon="timer",
    template="sla/why.html",
    load=load,
    script="sla.js",
    style="sla.css",
)
