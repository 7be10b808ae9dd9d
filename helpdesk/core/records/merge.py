"""Two records of one person become one: the tickets, messages and addresses of the one are the other's from then on."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.events.people import CustomersMerged
from helpdesk.core.fields import fields
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible


def merge_customers(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """Give everything of ``source`` to ``target`` and delete the emptied record. Plugins are called by
    ``on_customers_merged``.
    """
    uow.actor.must("customers.write")
    for customer_id in (source_id, target_id):
        _check(uow, customer_id)
    if source_id == target_id:
        raise Invalid(_("A customer cannot be merged with themselves."))
    with uow.writing() as session:
        _keep_name(session, source_id, target_id)
        _move_identities(session, source_id, target_id)
        fields.merge_customers(session, source_id, target_id)
        for model in (Ticket, Message):
            session.execute(update(model).where(model.customer_id == source_id).values(customer_id=target_id))
        session.execute(delete(Customer).where(Customer.id == source_id))
        uow.record(CustomersMerged(source=source_id, target=target_id))


def _keep_name(session: Session, source_id: int, target_id: int) -> None:
    """A real name goes before an address that stands in a name's place."""
    source, target = session.get_one(Customer, source_id), session.get_one(Customer, target_id)
    theirs = select(Identity.address).where(Identity.customer_id.in_((source_id, target_id)))
    addresses = {"", *session.scalars(theirs)}
    if target.name in addresses and source.name not in addresses:
        target.name = source.name


def _move_identities(session: Session, source_id: int, target_id: int) -> None:
    """Each address once: that which one of the two has goes before what is only claimed."""
    theirs = select(Identity).where(Identity.customer_id.in_((source_id, target_id)))
    kept: dict[tuple[str, str], Identity] = {}
    for identity in session.scalars(theirs.order_by(Identity.claim, Identity.id)):
        if kept.setdefault((identity.kind, identity.address), identity) is not identity:
            session.delete(identity)
    session.flush()
    for identity in kept.values():
        identity.customer_id, identity.claim = target_id, target_id if identity.claim else 0
    session.flush()


def _check(uow: UnitOfWork, customer_id: int) -> None:
    """NotFound unless every ticket of this customer is one the actor sees: a merge changes them all."""
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id)
    if (
        by_id(uow.session, Customer, customer_id) is None
        or uow.session.scalar(theirs.where(~visible(uow.actor)).limit(1)) is not None
    ):
        raise NotFound()
    if not uow.actor.may("all queues") and uow.session.scalar(theirs.limit(1)) is None:
        raise NotFound()
