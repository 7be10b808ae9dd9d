"""Customers and the addresses that reach them: one card over every channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from helpdesk.core import names
from helpdesk.core.accounts.addresses import Own
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.engine import insert_many_if_new
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import CustomerChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import _identity
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.ticket_lists import rows
from helpdesk.core.tickets.visibility import visible

COUNTED = 1000  # more tickets of one customer are not counted


def owner_of(uow: UnitOfWork, addresses: list[Address]) -> int | None:
    """The customer who has one of these addresses, the first that is known."""
    found = (_identity(uow.session, address.kind, address.value[:254]) for address in addresses)
    return next((identity.customer_id for identity in found if identity), None)


def add_identities(uow: UnitOfWork, customer_id: int, addresses: list[Address]) -> None:
    """Give a customer further addresses; one that somebody has already stays with them. Inside ``writing``."""
    rows = [
        {"customer_id": customer_id, "kind": a.kind, "address": a.value[:254]} for a in addresses if a.kind and a.value
    ]
    insert_many_if_new(uow.session, Identity, rows)


def get(uow: UnitOfWork, customer_id: int) -> Customer:
    """A customer some visible ticket of theirs opens; NotFound otherwise.

    Whoever only wrote to them first gets no more than what was typed, as if nobody had known them: a copy outside the
    session.
    """
    customer = _seen(uow, customer_id)
    return customer if _is_known(uow, customer_id) else _as_typed(uow, customer)


def _seen(uow: UnitOfWork, customer_id: int) -> Customer:
    uow.actor.must("customers.read")
    customer = by_id(uow.session, Customer, customer_id)
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(uow.actor)).limit(1)
    if customer is None or uow.session.scalar(theirs) is None:
        raise NotFound()
    return customer


def _whole(uow: UnitOfWork, customer_id: int) -> Customer:
    """The customer, to be changed; NotFound for who knows only what they typed."""
    customer = _seen(uow, customer_id)
    if not _is_known(uow, customer_id):
        raise NotFound()
    return customer


def _is_known(uow: UnitOfWork, customer_id: int) -> bool:
    """True when the customer spoke on a visible ticket, or no ticket of theirs is hidden."""
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id).limit(1)
    spoke = uow.session.scalar(theirs.where(visible(uow.actor), Ticket.last_inbound_id > 0))
    return spoke is not None or uow.session.scalar(theirs.where(~visible(uow.actor))) is None


def _as_typed(uow: UnitOfWork, customer: Customer) -> Customer:
    written = (
        select(Delivery.to, Delivery.cc, Ticket.created_at)
        .join(Message, Message.id == Delivery.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Ticket.customer_id == customer.id, visible(uow.actor))
        .order_by(Ticket.id)
    )
    found = uow.session.execute(written).all()
    typed = {(person["kind"], person["value"]) for to, cc, _at in found for person in [*to, *cc]}
    own = [row for row in customer.identities if (row.kind, row.address) in typed]
    identities = [Identity(id=row.id, kind=row.kind, address=row.address, bounced="") for row in own]
    name, since = (own[0].address if own else ""), (found[0].created_at if found else uow.clock())
    return Customer(id=customer.id, name=name, language="", created_at=since, identities=identities)


IDENTITIES_QUERY = (
    select(Identity.__table__)
    .where(Identity.__table__.c.customer_id == bindparam("customer"))
    .order_by(Identity.__table__.c.id)
)


def card(uow: UnitOfWork, customer_id: int, tickets: int = 10) -> dict[str, Any]:
    """{customer, identities, tickets (rows, newest first, only visible ones), total}."""
    uow.actor.must("customers.read")
    mine = select(Ticket.id, Ticket.last_inbound_id).where(
        Ticket.customer_id == customer_id,
        visible(uow.actor),
        Ticket.merged_into_id.is_(None),
        Ticket.last_message_id > 0,
    )
    found = uow.session.execute(mine.order_by(Ticket.id.desc()).limit(COUNTED)).all() if 0 < customer_id < 2**63 else []
    ids = [row.id for row in found]
    known = any(row.last_inbound_id for row in found)
    customer = uow.session.get_one(Customer, customer_id) if known else get(uow, customer_id)
    identities: Sequence[Any] = (
        uow.session.connection().execute(IDENTITIES_QUERY, {"customer": customer_id}).all()
        if customer in uow.session
        else customer.identities
    )
    return {"customer": customer, "identities": identities, "tickets": rows(uow, ids[:tickets]), "total": len(ids)}


def rename(uow: UnitOfWork, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    uow.actor.must("customers.write")
    name = names.given(name, 200)
    with uow.writing():
        customer = _whole(uow, customer_id)
        customer.name = name
        uow.record(CustomerChanged(customer=customer_id))
    return customer


def add_identity(uow: UnitOfWork, customer_id: int, kind: str, value: str) -> Identity:
    """Write down another address of a customer; Conflict when somebody has it already (never a silent merge)."""
    uow.actor.must("customers.write")
    with uow.writing():
        _whole(uow, customer_id)
        known = _known(uow, kind, value)
        Own(uow).refuse([known], field="address")
        value = known.value
        if not insert_if_new(uow.session, Identity, customer_id=customer_id, kind=kind, address=value, bounced=""):
            raise Conflict(_("Another customer has this address already."))
        uow.record(CustomerChanged(customer=customer_id))
    return uow.session.scalars(select(Identity).where(Identity.kind == kind, Identity.address == value)).one()


def _known(uow: UnitOfWork, kind: str, typed: str) -> Address:
    """What somebody typed, in the form of the channel that knows this kind of address."""
    channel = next((channel for channel in uow.runtime.channels.values() if kind in channel.kinds()), None)
    if not kind or channel is None:
        raise Invalid(_("This desk reaches nobody that way."))
    try:
        return channel.recipient(typed)
    except Invalid as error:
        raise Invalid(
            error.sentence, {"address": next(iter(error.fields.values()), error.sentence)}, **error.values
        ) from None
