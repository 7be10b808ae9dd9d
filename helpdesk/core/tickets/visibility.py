"""Which tickets an actor may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, true

from helpdesk.core.actor import Actor
from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.models import Ticket


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a ticket query to what this actor may see.

    Inside ``coalesce`` no planner takes it for the way in and walks every ticket of a queue to find a few; and it is
    never unknown.
    """
    if actor.user_id is None or actor.may("all queues"):
        return true()
    if not actor.may("tickets.read"):
        return false()
    return func.coalesce(or_(Ticket.queue_id.in_(sorted(actor.queues)), Ticket.assignee_id == actor.user_id), false())


def visible_ticket(uow: UnitOfWork, ticket_id: int, right: str = "tickets.read", **reading: Any) -> Ticket:
    """The ticket, for whoever acts now; NotFound alike for an unknown and a forbidden id, Forbidden for a missing
    right.

    ``reading`` are options of ``Session.get``.
    """
    ticket = uow.session.get(Ticket, ticket_id, **reading) if 0 < ticket_id < 2**63 else None
    if ticket is None or not uow.actor.sees(ticket):
        raise NotFound()
    uow.actor.must(right)
    return ticket
