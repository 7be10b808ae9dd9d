"""*Answer times*: calendars and policies, each with what it would mean for a message that came now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for

from helpdesk.api import jobs, people, sla, tickets
from helpdesk.api.errors import HelpdeskError, _
from helpdesk.api.i18n import gettext, named
from helpdesk.api.web import DeskPages
from helpdesk.api.work import UnitOfWork

from . import forms, store, typed
from .course import Course, target
from .recompute import RECOMPUTE
from .rules import ALWAYS, Rules

WEEK = (5, 6, 0, 1, 2, 3, 4)  # Saturday first, as ``date.weekday()`` numbers the days
PRIORITY_WORDS = {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}
pages = DeskPages("sla", __name__, permission="settings")
Rows = list[dict[str, Any]]


@pages.get("/")
def home(uow: UnitOfWork):
    """All calendars and policies."""
    return _page(uow)


@pages.post("/calendars/<int:row_id>")
def save_calendar(uow: UnitOfWork, row_id: int):
    """Add a calendar (0) or change one."""

    def change(calendars: Rows, policies: Rows) -> None:
        kept = next((row.get("files", []) for row in calendars if row["id"] == row_id), [])
        number = row_id or forms.next_id(calendars)
        _put(calendars, forms.calendar(uow, request.form, number, kept, request.files.get("file")))

    return _saved(uow, change)


@pages.post("/policies/<int:row_id>")
def save_policy(uow: UnitOfWork, row_id: int):
    """Add a policy (0), behind the others, or change one."""

    def change(calendars: Rows, policies: Rows) -> None:
        _put(policies, forms.policy(uow, request.form, row_id or forms.next_id(policies), calendars))

    return _saved(uow, change)


@pages.post("/<any(calendars, policies):what>/<int:row_id>/remove")
def remove(uow: UnitOfWork, what: str, row_id: int):
    """Take a calendar or a policy out; policies of a calendar that is gone count round the clock."""

    def change(calendars: Rows, policies: Rows) -> None:
        rows = calendars if what == "calendars" else policies
        rows[:] = [row for row in rows if row["id"] != row_id]
        for row in policies:
            row["calendar"] = row["calendar"] if what == "policies" or row["calendar"] != row_id else ALWAYS

    return _saved(uow, change)


@pages.post("/policies/<int:row_id>/sooner")
def sooner(uow: UnitOfWork, row_id: int):
    """Let a policy be tried one place sooner."""

    def change(calendars: Rows, policies: Rows) -> None:
        place = next((place for place, row in enumerate(policies) if row["id"] == row_id), 0)
        if place:
            policies[place - 1 : place + 1] = policies[place], policies[place - 1]

    return _saved(uow, change)


def _put(rows: Rows, row: dict[str, Any]) -> None:
    place = next((place for place, known in enumerate(rows) if known["id"] == row["id"]), len(rows))
    rows[place : place + 1] = [row]


def _saved(uow: UnitOfWork, change: Callable[[Rows, Rows], None]):
    """Write the changed rules as their next version and have open clocks set anew."""
    version, calendars, policies = store.stored(uow)
    calendars, policies = [dict(row) for row in calendars], [dict(row) for row in policies]
    seen = request.form.get("version", "")
    try:
        change(calendars, policies)
        saved = store.save(uow, int(seen) if seen.isdecimal() else version, calendars, policies)
    except HelpdeskError as problem:
        return _page(uow, problem), problem.status
    jobs.add(uow, RECOMPUTE, key=f"rules-{saved}")
    return redirect(url_for("sla.home"))


def _page(uow: UnitOfWork, problem: HelpdeskError | None = None) -> str:
    version, calendars, policies = store.stored(uow)
    return render_template(
        "sla/rules.html",
        version=version,
        calendars=calendars,
        policies=[(row, _preview(store.latest(uow), row, uow.clock())) for row in policies],
        names={kind.name: gettext(kind.label) for kind in sla.kinds(uow) if kind.name in forms.CLOCKS},
        calendar_names=[(row["id"], named(row["name"])) for row in calendars],
        queue_names=[(queue.id, named(queue.name)) for queue in people.queues(uow)],
        priority_names=[(name, gettext(PRIORITY_WORDS[name])) for name in tickets.PRIORITIES],
        channel_names=[(name, gettext(kind.label)) for name, kind in uow.runtime.channels.items()],
        week=WEEK,
        typed=typed,
        problem=problem,
    )


def _preview(rules: Rules, row: dict[str, Any], now: datetime) -> dict[str, datetime | None]:
    """{clock: when its goal would be reached} for a message that came now."""
    hours = rules.hours.get(row["calendar"]) or rules.hours[ALWAYS]
    course = Course(running_since=now)
    return {name: target(hours.calendar, course, timedelta(minutes=goal)) for name, goal in row["goals"].items()}
