"""The actor of a user, with the queues of their teams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from helpdesk.core.actor import Actor
from helpdesk.core.people import roles
from helpdesk.core.people.models import Queue, QueueTeam, TeamMember, User
from helpdesk.core.permissions import Permissions

QUEUES_QUERY = (
    select(QueueTeam.queue_id)
    .join(TeamMember, TeamMember.team_id == QueueTeam.team_id)
    .where(TeamMember.user_id == bindparam("user"))
)


def actor_for(
    session: Session, user: User, permissions: Permissions | None = None, scopes: Collection[str] | None = None
) -> Actor:
    """The actor of a user: the queues of their teams (all with that right) and what ``permissions`` give the role.

    ``scopes`` limit it, as those of a token.
    """
    actor = Actor(
        f"user:{user.id}",
        user.id,
        user.role,
        permissions=roles.permissions_of(session, user.role, permissions),
        scopes=None if scopes is None else frozenset(scopes),
    )
    if actor.may("all queues"):
        ids = session.scalars(select(Queue.id))
    else:
        ids = session.connection().scalars(QUEUES_QUERY, {"user": user.id})
    return replace(actor, queues=frozenset(ids))


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
