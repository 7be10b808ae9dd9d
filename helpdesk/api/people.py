"""Those who work here: users, teams and queues."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.core.actor import Actor
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import models, users
from helpdesk.core.people import pictures as kept
from helpdesk.core.people.actors import actor_for


@dataclass(frozen=True)
class User:
    """Somebody who works here."""

    id: int
    name: str
    role: str
    language: str
    active: bool


@dataclass(frozen=True)
class Team:
    """People who answer together."""

    id: int
    name: str
    member_ids: tuple[int, ...]


@dataclass(frozen=True)
class Queue:
    """A line of tickets that belongs to teams."""

    id: int
    name: str
    team_ids: tuple[int, ...]


def user(uow: UnitOfWork, user_id: int) -> User:
    """The user; NotFound when there is none."""
    return _user(users.get(uow, user_id))


def by_sign_in(uow: UnitOfWork, address: str) -> User:
    """The user who signs in with this address; NotFound when there is none. For commands: whoever acts is not asked."""
    return _user(users.by_sign_in(uow, address))


def me(uow: UnitOfWork) -> User | None:
    """The user who acts, None when nobody does."""
    return user(uow, uow.actor.user_id) if uow.actor.user_id else None


def actor(uow: UnitOfWork, user_id: int) -> Actor:
    """The actor of a user by their rights of this moment, for ``uow.acting``."""
    return actor_for(uow.session, users.get(uow, user_id), uow.runtime.permissions)


def teams(uow: UnitOfWork) -> list[Team]:
    """All teams, by name."""
    rows = uow.session.scalars(select(models.Team).order_by(models.Team.name))
    return [Team(row.id, row.name, tuple(member.id for member in row.members)) for row in rows]


def my_teams(uow: UnitOfWork) -> list[Team]:
    """The teams the actor is in, by name, without their members; all teams for the desk itself and for admins."""
    query = select(models.Team.id, models.Team.name).order_by(models.Team.name)
    if not uow.actor.may("all queues"):
        mine = select(models.TeamMember.team_id).where(models.TeamMember.user_id == uow.actor.user_id)
        query = query.where(models.Team.id.in_(mine))
    return [Team(row.id, row.name, ()) for row in uow.session.execute(query)]


def colleagues(uow: UnitOfWork) -> list[tuple[int, str]]:
    """(id, name) of the people who answer the actor's queues, by name; of everybody who answers for an admin."""
    return [(row.id, row.name) for row in users.visible_colleagues(uow, "tickets.write")]


def queues(uow: UnitOfWork) -> list[Queue]:
    """The queues whose tickets the actor sees, by name."""
    rows = uow.session.scalars(select(models.Queue).order_by(models.Queue.name))
    return [Queue(row.id, row.name, tuple(team.id for team in row.teams)) for row in rows if uow.actor.serves(row.id)]


def pictures(uow: UnitOfWork, user_ids: Collection[int]) -> dict[int, str]:
    """The digests of the pictures of these people, of those who have one; ``picture`` gives it."""
    return kept.digests(uow, user_ids)


def picture(uow: UnitOfWork, digest: str) -> bytes:
    """A picture as WebP, 256 pixels square; NotFound when nobody has it any more. Whoever acts is not asked."""
    return kept.content(uow, digest)


def _user(row: models.User) -> User:
    return User(row.id, row.name, row.role, row.language, row.active)
