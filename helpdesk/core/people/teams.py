"""Teams and queues: who answers which line of tickets."""

from __future__ import annotations

from sqlalchemy import Row, select

from . import names
from .database import by_id, insert_if_new
from .errors import Conflict, Invalid, NotFound, _
from .events.people import QueueAdded, QueueChanged, TeamAdded, TeamChanged
from .models import Queue, Team, User
from .text import by_name


def _added(desk, model, name: str, **values):
    """A new row under this name; Conflict when there is one."""
    name = names.given(name)
    if not insert_if_new(desk.session, model, name=name, **values):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return desk.session.scalar(select(model).where(model.name == name))


def _rename(desk, row, name: str) -> None:
    name, model = names.given(name), type(row)
    if desk.session.scalar(select(model.id).where(model.name == name, model.id != row.id)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    row.name = name


def _found(desk, model, row_id: int):
    row = by_id(desk.session, model, row_id)
    if row is None:
        raise NotFound()
    return row


def add_team(desk, name: str, member_ids: list[int] = ()) -> Team:
    """A new team with these members."""
    desk.actor.must("settings")
    with desk.writing():
        team = _added(desk, Team, name)
        team.members = _rows(desk, User, member_ids)
        desk.record(TeamAdded(team=team.id, members=list(member_ids)))
    return team


def set_members(desk, team_id: int, member_ids: list[int]) -> Team:
    """Replace a team's members; their consoles gain and lose rooms at once."""
    desk.actor.must("settings")
    with desk.writing():
        team = _found(desk, Team, team_id)
        before = [user.id for user in team.members]
        team.members = _rows(desk, User, member_ids)
        desk.record(TeamChanged(team=team_id, before=before, after=sorted(member_ids)))
    return team


def rename_team(desk, team_id: int, name: str) -> Team:
    """Call a team something else."""
    desk.actor.must("settings")
    with desk.writing():
        team = _found(desk, Team, team_id)
        before = team.name
        _rename(desk, team, name)
        if team.name != before:
            desk.record(TeamChanged(team=team_id, before=before, after=team.name))
    return team


OPEN_TO_ALL = select(Queue.__table__.c.id, Queue.__table__.c.name).where(Queue.__table__.c.handover)


def taking_over(desk) -> list[Row]:
    """The queues (id, name) of other teams to which whoever acts may hand tickets over, by name."""
    desk.actor.must("tickets.write")
    return by_name(queue for queue in desk.session.connection().execute(OPEN_TO_ALL) if queue.id not in desk.actor.queues)


def add_queue(desk, name: str, team_ids: list[int] = (), promise: int = 24 * 60, handover: bool = False) -> Queue:
    """A new queue for these teams; ``promise`` is in minutes; with ``handover`` other teams may give it tickets."""
    desk.actor.must("settings")
    with desk.writing():
        queue = _added(desk, Queue, name, promise=_promise(promise), handover=handover)
        queue.teams = _rows(desk, Team, team_ids)
        desk.record(QueueAdded(queue=queue.id, teams=list(team_ids)))
    return queue


def change_queue(
    desk, queue_id: int, *, name: str | None = None, team_ids: list[int] | None = None, promise: int | None = None, handover: bool | None = None
) -> Queue:
    """Give a queue another name, to other teams, change its promise (minutes) or whether other teams may give it tickets."""
    desk.actor.must("settings")
    with desk.writing():
        queue = _found(desk, Queue, queue_id)
        before = _facts(queue)
        if name is not None:
            _rename(desk, queue, name)
        queue.teams = queue.teams if team_ids is None else _rows(desk, Team, team_ids)
        queue.promise = queue.promise if promise is None else _promise(promise)
        queue.handover = queue.handover if handover is None else handover
        desk.record(QueueChanged(queue=queue_id, before=before, after=_facts(queue)))
    return queue


def _facts(queue: Queue) -> dict:
    return {"name": queue.name, "teams": [team.id for team in queue.teams], "promise": queue.promise, "handover": queue.handover}


def _rows(desk, model, ids) -> list:
    return [_found(desk, model, row_id) for row_id in dict.fromkeys(ids)]


def _promise(minutes: int) -> int:
    if not 1 <= minutes <= 60 * 24 * 30:
        raise Invalid(_("A promise is between one minute and thirty days."), {"promise": _("Between 1 and 43,200 minutes.")})
    return minutes
