"""Teams and queues: who answers which line of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, select

from helpdesk.core import names
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import QueueAdded, QueueChanged, TeamAdded, TeamChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import by_name

from .models import Queue, Team, User

Row_ = TypeVar("Row_", Team, Queue, User)


def _added(uow: UnitOfWork, model: type[Row_], name: str, **values: Any) -> Row_:
    """A new row under this name; Conflict when there is one."""
    name = names.given(name)
    if not insert_if_new(uow.session, model, name=name, **values):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return uow.session.scalars(select(model).where(model.name == name)).one()


def _rename(uow: UnitOfWork, row: Any, name: str) -> None:
    name, model = names.given(name), type(row)
    if uow.session.scalar(select(model.id).where(model.name == name, model.id != row.id)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    row.name = name


def _found(uow: UnitOfWork, model: type[Row_], row_id: int) -> Row_:
    row = by_id(uow.session, model, row_id)
    if row is None:
        raise NotFound()
    return row


def add_team(uow: UnitOfWork, name: str, member_ids: Sequence[int] = ()) -> Team:
    """A new team with these members."""
    uow.actor.must("settings")
    with uow.writing():
        team = _added(uow, Team, name)
        team.members = _rows(uow, User, member_ids)
        uow.record(TeamAdded(team=team.id, members=list(member_ids)))
    return team


def set_members(uow: UnitOfWork, team_id: int, member_ids: list[int]) -> Team:
    """Replace a team's members; their consoles gain and lose rooms at once."""
    uow.actor.must("settings")
    with uow.writing():
        team = _found(uow, Team, team_id)
        before = [user.id for user in team.members]
        team.members = _rows(uow, User, member_ids)
        uow.record(TeamChanged(team=team_id, before=before, after=sorted(member_ids)))
    return team


def rename_team(uow: UnitOfWork, team_id: int, name: str) -> Team:
    """Call a team something else."""
    uow.actor.must("settings")
    with uow.writing():
        team = _found(uow, Team, team_id)
        before = team.name
        _rename(uow, team, name)
        if team.name != before:
            uow.record(TeamChanged(team=team_id, before=before, after=team.name))
    return team


HANDOVER_QUEUES_QUERY = select(Queue.__table__.c.id, Queue.__table__.c.name).where(Queue.__table__.c.handover)


def handover_queues(uow: UnitOfWork) -> list[Row[*tuple[Any, ...]]]:
    """The queues (id, name) of other teams to which whoever acts may hand tickets over, by name."""
    uow.actor.must("tickets.write")
    return by_name(
        queue for queue in uow.session.connection().execute(HANDOVER_QUEUES_QUERY) if queue.id not in uow.actor.queues
    )


def add_queue(
    uow: UnitOfWork, name: str, team_ids: Sequence[int] = (), target_minutes: int = 24 * 60, handover: bool = False
) -> Queue:
    """A new queue for these teams; ``target_minutes`` is in minutes; with ``handover`` other teams may give it
    tickets.
    """
    uow.actor.must("settings")
    with uow.writing():
        queue = _added(uow, Queue, name, target_minutes=_target_minutes(target_minutes), handover=handover)
        queue.teams = _rows(uow, Team, team_ids)
        uow.record(QueueAdded(queue=queue.id, teams=list(team_ids)))
    return queue


def change_queue(
    uow: UnitOfWork,
    queue_id: int,
    *,
    name: str | None = None,
    team_ids: list[int] | None = None,
    target_minutes: int | None = None,
    handover: bool | None = None,
) -> Queue:
    """Give a queue another name, to other teams, change its time to answer (minutes) or whether other teams may give it
    tickets.
    """
    uow.actor.must("settings")
    with uow.writing():
        queue = _found(uow, Queue, queue_id)
        before = _facts(queue)
        if name is not None:
            _rename(uow, queue, name)
        queue.teams = queue.teams if team_ids is None else _rows(uow, Team, team_ids)
        queue.target_minutes = queue.target_minutes if target_minutes is None else _target_minutes(target_minutes)
        queue.handover = queue.handover if handover is None else handover
        uow.record(QueueChanged(queue=queue_id, before=before, after=_facts(queue)))
    return queue


def _facts(queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.name,
        "teams": [team.id for team in queue.teams],
        "target_minutes": queue.target_minutes,
        "handover": queue.handover,
    }


def _rows(uow: UnitOfWork, model: Any, ids: Any) -> list[Any]:
    return [_found(uow, model, row_id) for row_id in dict.fromkeys(ids)]


def _target_minutes(minutes: int) -> int:
    if not 1 <= minutes <= 60 * 24 * 30:
        raise Invalid(
            _("A promise is between one minute and thirty days."),
            {"target_minutes": _("Between 1 and 43,200 minutes.")},
        )
    return minutes
