"""Settings of teams and queues: who answers which line, and within which time."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select

from helpdesk.core.errors import Conflict, Invalid, _
from helpdesk.core.people import teams as core
from helpdesk.core.people.models import Queue, Team, User
from helpdesk.core.text import by_name
from helpdesk.web import uow

from .pages import blueprint, done, number, numbers

UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}


@blueprint.get("/teams")
def teams():
    """All teams and queues, each with its form."""
    return _page()


@blueprint.post("/teams")
def add_team():
    """A new team."""
    return _saved(lambda: core.add_team(uow(), request.form.get("name", ""), numbers("member")))


@blueprint.post("/teams/<int:team_id>")
def change_team(team_id: int):
    """A team's name and who is in it."""

    def change() -> None:
        core.rename_team(uow(), team_id, request.form.get("name", ""))
        core.set_members(uow(), team_id, numbers("member"))

    return _saved(change)


@blueprint.post("/queues")
def add_queue():
    """A new queue."""
    return _saved(
        lambda: core.add_queue(uow(), request.form.get("name", ""), numbers("team"), _target_minutes(), _handover())
    )


@blueprint.post("/queues/<int:queue_id>")
def change_queue(queue_id: int):
    """A queue's name, which teams answer it, how soon, and whether others may hand tickets over to it."""
    form = request.form
    return _saved(
        lambda: core.change_queue(
            uow(),
            queue_id,
            name=form.get("name", ""),
            team_ids=numbers("team"),
            target_minutes=_target_minutes(),
            handover=_handover(),
        )
    )


def _saved(act):
    try:
        act()
    except (Invalid, Conflict) as problem:
        return _page(problem), problem.status
    return done(_("Saved."), "teams")


def _target_minutes() -> int:
    """The time to answer in minutes."""
    return number(request.form.get("target_minutes"), field="target_minutes") * UNITS.get(
        request.form.get("unit", ""), 1
    )


def _handover() -> bool:
    return "handover" in request.form


def _page(problem: Invalid | Conflict | None = None) -> str:
    read = uow().session
    return render_template(
        "admin/teams.html",
        teams=by_name(read.scalars(select(Team))),
        queues=[(queue, *_in_units(queue.target_minutes)) for queue in by_name(read.scalars(select(Queue)))],
        people=by_name(read.scalars(select(User).where(User.active))),
        problem=problem,
    )


def _in_units(minutes: int) -> tuple[int, str]:
    """A time to answer in the largest unit that divides it."""
    unit = next(unit for unit in reversed(UNITS) if minutes % UNITS[unit] == 0)
    return minutes // UNITS[unit], unit
