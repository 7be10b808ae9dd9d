"""Teams and queues: who answers which line of tickets."""

from __future__ import annotations

from sqlalchemy import select

from .errors import Conflict, Invalid, NotFound, _
from .models import Queue, Team, User


def _named(model, desk, name: str):
    name = name.strip()[:120]
    if not name:
        raise Invalid(_("Please give it a name."), {"name": _("Please give it a name.")})
    if desk.session.scalar(select(model).where(model.name == name)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return name


def _found(desk, model, row_id: int):
    row = desk.session.get(model, row_id)
    if row is None:
        raise NotFound()
    return row


def add_team(desk, name: str, member_ids: list[int] = ()) -> Team:
    """A new team with these members."""
    desk.actor.must("settings")
    with desk.writing():
        team = Team(name=_named(Team, desk, name), members=_rows(desk, User, member_ids))
        desk.session.add(team)
        desk.session.flush()
        desk.happened("team.added", team=team.id, members=list(member_ids))
    return team


def set_members(desk, team_id: int, member_ids: list[int]) -> Team:
    """Replace a team's members; their consoles gain and lose rooms at once."""
    desk.actor.must("settings")
    with desk.writing():
        team = _found(desk, Team, team_id)
        before = [user.id for user in team.members]
        team.members = _rows(desk, User, member_ids)
        desk.happened("team.changed", team=team_id, before=before, after=sorted(member_ids))
    return team


def add_queue(desk, name: str, team_ids: list[int] = (), promise: int = 24 * 60) -> Queue:
    """A new queue for these teams; ``promise`` is in minutes."""
    desk.actor.must("settings")
    with desk.writing():
        queue = Queue(name=_named(Queue, desk, name), promise=_promise(promise), teams=_rows(desk, Team, team_ids))
        desk.session.add(queue)
        desk.session.flush()
        desk.happened("queue.added", queue=queue.id, teams=list(team_ids))
    return queue


def change_queue(desk, queue_id: int, *, team_ids: list[int] | None = None, promise: int | None = None) -> Queue:
    """Give a queue to other teams or change its promise (minutes)."""
    desk.actor.must("settings")
    with desk.writing():
        queue = _found(desk, Queue, queue_id)
        before = {"teams": [team.id for team in queue.teams], "promise": queue.promise}
        queue.teams = queue.teams if team_ids is None else _rows(desk, Team, team_ids)
        queue.promise = queue.promise if promise is None else _promise(promise)
        after = {"teams": [team.id for team in queue.teams], "promise": queue.promise}
        desk.happened("queue.changed", queue=queue_id, before=before, after=after)
    return queue


def _rows(desk, model, ids) -> list:
    rows = list(desk.session.scalars(select(model).where(model.id.in_(list(ids))))) if ids else []
    if len(rows) != len(set(ids)):
        raise NotFound()
    return rows


def _promise(minutes: int) -> int:
    if not 1 <= minutes <= 60 * 24 * 30:
        raise Invalid(_("A promise is between one minute and thirty days."), {"promise": _("Between 1 and 43,200 minutes.")})
    return minutes
