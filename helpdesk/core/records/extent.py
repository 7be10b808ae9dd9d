"""How much the desk has of a customer, told before it is erased or merged."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets import customers
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.core.tickets.models import Ticket


@dataclass(frozen=True)
class Extent:
    """Counts of what belongs to one customer."""

    tickets: int
    messages: int
    files: int
    addresses: int


def extent(uow: UnitOfWork, customer_id: int) -> Extent:
    """The counts of a customer whoever acts may know; NotFound otherwise."""
    customers.get(uow, customer_id)
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id)
    said = select(Message.id).where(Message.ticket_id.in_(theirs))
    counted = (
        select(func.count()).select_from(theirs.subquery()),
        select(func.count()).select_from(said.subquery()),
        select(func.count(Attachment.id)).where(Attachment.message_id.in_(said)),
        select(func.count(Identity.id)).where(Identity.customer_id == customer_id),
    )
    return Extent(*(uow.session.scalar(query) or 0 for query in counted))
