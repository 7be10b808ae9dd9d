"""Who may see and do what; every write function asks ``Actor.must``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, false, func, or_, select, true
from sqlalchemy.orm import Session

from .errors import Forbidden, NotFound
from .models import ROLES, Queue, QueueTeam, TeamMember, Ticket, User
from .permissions import Permissions, core_permissions

RIGHTS: dict[str, frozenset[str]] = {role: core_permissions().of(role) for role in ROLES}  # what the core declares


@dataclass(frozen=True)
class Actor:
    """Who acts now: a signed-in user, or the desk itself (``user_id`` None), which may do everything."""

    name: str = "desk"
    user_id: int | None = None
    role: str = ""
    queues: frozenset[int] = field(default_factory=frozenset)
    permissions: frozenset[str] | None = None  # None: what the core gives the role

    def may(self, right: str) -> bool:
        """True when the role has this right."""
        return self.user_id is None or right in (RIGHTS.get(self.role, ()) if self.permissions is None else self.permissions)

    def must(self, right: str) -> None:
        """Raise Forbidden unless the role has this right."""
        if not self.may(right):
            raise Forbidden()

    def answers(self, queue_id: int) -> bool:
        """True when this queue is theirs."""
        return self.user_id is None or queue_id in self.queues

    def sees(self, ticket: Ticket) -> bool:
        """True when this ticket is in a queue of theirs or assigned to them."""
        if not self.may("tickets.read"):
            return False
        return self.may("all queues") or ticket.queue_id in self.queues or ticket.assignee_id == self.user_id


DESK = Actor()


THEIRS = select(QueueTeam.queue_id).join(TeamMember, TeamMember.team_id == QueueTeam.team_id).where(TeamMember.user_id == bindparam("user"))


def actor_for(session: Session, user: User, permissions: Permissions | None = None) -> Actor:
    """The actor of a user, with the queues of their teams (all queues for an admin) and what ``permissions`` give the role."""
    if "all queues" in RIGHTS.get(user.role, ()):
        ids = session.scalars(select(Queue.id))
    else:
        ids = session.connection().scalars(THEIRS, {"user": user.id})
    return Actor(f"user:{user.id}", user.id, user.role, frozenset(ids), permissions and permissions.of(user.role))


def actors_for(session: Session, user_ids: Collection[int], permissions: Permissions | None = None) -> dict[int, tuple[User, Actor]]:
    """The active ones of these users with their actors, in three queries however many they are."""
    people = session.scalars(select(User).where(User.id.in_(user_ids), User.active).execution_options(populate_existing=True)).all()
    every = frozenset(session.scalars(select(Queue.id)))
    theirs: dict[int, set[int]] = {user.id: set() for user in people}
    pairs = select(TeamMember.user_id, QueueTeam.queue_id).join(QueueTeam, QueueTeam.team_id == TeamMember.team_id)
    for user_id, queue_id in session.execute(pairs.where(TeamMember.user_id.in_(user_ids))):
        if user_id in theirs:
            theirs[user_id].add(queue_id)
    queues = {user.id: every if "all queues" in RIGHTS.get(user.role, ()) else frozenset(theirs[user.id]) for user in people}
    may = {role: permissions and permissions.of(role) for role in {user.role for user in people}}
    return {user.id: (user, Actor(f"user:{user.id}", user.id, user.role, queues[user.id], may[user.role])) for user in people}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a ticket query to what this actor may see.

    Inside ``coalesce`` no planner takes it for the way in and walks every ticket of a queue to find a few; and it is never unknown.
    """
    if actor.user_id is None or actor.may("all queues"):
        return true()
    if not actor.may("tickets.read"):
        return false()
    return func.coalesce(or_(Ticket.queue_id.in_(sorted(actor.queues)), Ticket.assignee_id == actor.user_id), false())


def visible_ticket(desk, ticket_id: int, right: str = "tickets.read", **reading) -> Ticket:
    """The ticket, for whoever acts now; NotFound alike for an unknown and a forbidden id, Forbidden for a missing right.

    ``reading`` are options of ``Session.get``.
    """
    ticket = desk.session.get(Ticket, ticket_id, **reading) if 0 < ticket_id < 2**63 else None
    if ticket is None or not desk.actor.sees(ticket):
        raise NotFound()
    desk.actor.must(right)
    return ticket
