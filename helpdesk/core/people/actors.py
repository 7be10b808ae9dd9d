"""The actor of a user, with the queues of their teams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from helpdesk.core.actor import Actor
from helpdesk.core.people import roles
from helpdesk.core.people.models import Queue, QueueTeam, Role, TeamMember, User
from helpdesk.core.permissions import Permissions

STANDING_QUERY = (
    select(Role.given, Role.taken, QueueTeam.queue_id)
    .select_from(User)
    .outerjoin(Role, Role.name == User.role)
    .outerjoin(TeamMember, TeamMember.user_id == User.id)
    .outerjoin(QueueTeam, QueueTeam.team_id == TeamMember.team_id)
    .where(User.id == bindparam("user"))
)


def actor_for(
    session: Session, user: User, permissions: Permissions | None = None, scopes: Collection[str] | None = None
) -> Actor:
    """The actor of a user: the queues of their teams (all with that right) and what ``permissions`` give the role.

    ``scopes`` limit it, as those of a token.
    """
    may, queues = roles.usual(user.role, permissions), frozenset[int]()
    if user.role != roles.ADMIN:
        standing = session.connection().execute(STANDING_QUERY, {"user": user.id}).all()
        may = roles.chosen(may, standing[0].given, standing[0].taken) if standing else may
        queues = frozenset(row.queue_id for row in standing if row.queue_id is not None)
    limits = None if scopes is None else frozenset(scopes)
    actor = Actor(f"user:{user.id}", user.id, user.role, queues, permissions=may, scopes=limits)
    return replace(actor, queues=frozenset(session.scalars(select(Queue.id)))) if actor.may("all queues") else actor


def actors_for(
    session: Session, user_ids: Collection[int], permissions: Permissions | None = None
) -> dict[int, tuple[User, Actor]]:
    """The active ones of these users with their actors, in three queries however many they are."""
    people = session.scalars(
        select(User).where(User.id.in_(user_ids), User.active).execution_options(populate_existing=True)
    ).all()
    every = frozenset(session.scalars(select(Queue.id)))
    theirs: dict[int, set[int]] = {user.id: set() for user in people}
    pairs = select(TeamMember.user_id, QueueTeam.queue_id).join(QueueTeam, QueueTeam.team_id == TeamMember.team_id)
    for user_id, queue_id in session.execute(pairs.where(TeamMember.user_id.in_(user_ids))):
        if user_id in theirs:
            theirs[user_id].add(queue_id)
    may = {role: roles.permissions_of(session, role, permissions) for role in {user.role for user in people}}
    queues = {user.id: every if "all queues" in may[user.role] else frozenset(theirs[user.id]) for user in people}
    return {
        user.id: (user, Actor(f"user:{user.id}", user.id, user.role, queues[user.id], may[user.role]))
        for user in people
    }
