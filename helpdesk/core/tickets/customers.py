"""Customers and the addresses that reach them: one card over every channel."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, or_, select

from helpdesk.core import names
from helpdesk.core.accounts.addresses import Own, phone_region, typed_form
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.engine import insert_many_if_new
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import CustomerChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import _identity
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.phone_numbers import KIND as PHONE
from helpdesk.core.phone_numbers import normal_form
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.ticket_lists import rows
from helpdesk.core.tickets.visibility import visible

COUNTED = 1000  # more tickets of one customer are not counted
FEW = 10  # customers of one telephone number: an office with extensions


def owner_of(uow: UnitOfWork, addresses: list[Address]) -> int | None:
    """The customer who has one of these addresses, the first that is known."""
    found = (_identity(uow.session, address.kind, address.value[:254]) for address in addresses)
    return next((identity.customer_id for identity in found if identity), None)


def by_phone(uow: UnitOfWork, typed: str) -> list[Customer]:
    """The customers a telephone number reaches, with its extensions, as far as some visible ticket is theirs; none
    where what was typed is no number.
    """
    uow.actor.must("customers.read")
    try:
        number = normal_form(typed, phone_region(uow)).partition(";")[0]
    except Invalid:
        return []
    of_number = or_(Identity.address == number, Identity.address.startswith(f"{number};", autoescape=True))
    theirs = select(Ticket.id).where(Ticket.customer_id == Customer.id, visible(uow.actor)).exists()
    query = select(Customer).join(Identity).where(Identity.kind == PHONE, of_number, theirs).distinct()
    return list(uow.session.scalars(query.order_by(Customer.id).limit(FEW)))


def add_identities(uow: UnitOfWork, customer_id: int, addresses: list[Address]) -> None:
    """Give a customer further addresses; one that somebody has already stays with them. Inside ``writing``."""
    rows = [
        {"customer_id": customer_id, "kind": a.kind, "address": a.value[:254]} for a in addresses if a.kind and a.value
    ]
    insert_many_if_new(uow.session, Identity, rows)


def get(uow: UnitOfWork, customer_id: int) -> Customer:
    """A customer some visible ticket of theirs opens; NotFound otherwise."""
    uow.actor.must("customers.read")
    customer = by_id(uow.session, Customer, customer_id)
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(uow.actor)).limit(1)
    if customer is None or uow.session.scalar(theirs) is None:
        raise NotFound()
    return customer


IDENTITIES_QUERY = (
    select(Identity.__table__)
    .where(Identity.__table__.c.customer_id == bindparam("customer"))
    .order_by(Identity.__table__.c.id)
)


def card(uow: UnitOfWork, customer_id: int, tickets: int = 10) -> dict[str, Any]:
    """{customer, identities, tickets (rows, newest first, only visible ones), total}."""
    uow.actor.must("customers.read")
    mine = select(Ticket.id).where(
        Ticket.customer_id == customer_id,
        visible(uow.actor),
        Ticket.merged_into_id.is_(None),
        Ticket.last_message_id > 0,
    )
    ids = list(uow.session.scalars(mine.order_by(Ticket.id.desc()).limit(COUNTED))) if 0 < customer_id < 2**63 else []
    customer = uow.session.get(Customer, customer_id) if ids else get(uow, customer_id)
    identities = uow.session.connection().execute(IDENTITIES_QUERY, {"customer": customer_id}).all()
    return {"customer": customer, "identities": identities, "tickets": rows(uow, ids[:tickets]), "total": len(ids)}


def rename(uow: UnitOfWork, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    uow.actor.must("customers.write")
    name = names.given(name, 200)
    with uow.writing():
        customer = get(uow, customer_id)
        customer.name = name
        uow.record(CustomerChanged(customer=customer_id))
    return customer


def add_identity(uow: UnitOfWork, customer_id: int, kind: str, value: str) -> Identity:
    """Write down another address of a customer; Conflict when somebody has it already (never a silent merge)."""
    uow.actor.must("customers.write")
    with uow.writing():
        get(uow, customer_id)
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
        if kind == PHONE and kind != channel.address:
            return Address(kind, normal_form(typed, phone_region(uow)))
        return typed_form(uow, channel, typed)
    except Invalid as error:
        raise Invalid(
            error.sentence, {"address": next(iter(error.fields.values()), error.sentence)}, **error.values
        ) from None
