"""Customers and the addresses that reach them: one card over every channel."""

from __future__ import annotations

from sqlalchemy import func, select

from .channels import Address
from .database import insert_if_new
from .errors import Conflict, Invalid, NotFound, _
from .models import Customer, Identity, Ticket
from .rights import visible
from .text import plain


def identity_of(desk, address: Address, *, verified: bool = False, language: str = "", customer_id: int | None = None) -> Identity:
    """The identity of an address, with a new customer when nobody has it yet. Call it inside ``desk.writing()``."""
    session = desk.session
    value = address.value[:254]
    query = select(Identity).where(Identity.kind == address.kind, Identity.address == value)
    found = session.scalar(query)
    if found is None:
        owner = session.get(Customer, customer_id) if customer_id else None
        if owner is None:
            owner = Customer(name=plain(address.name)[:200], language=language, created_at=desk.clock())
            session.add(owner)
            session.flush()
        insert_if_new(session, Identity, customer_id=owner.id, kind=address.kind, address=value, bounced="")
        found = session.scalar(query)
        if found.customer_id != owner.id and not customer_id:
            session.delete(owner)
    if verified and found.verified_at is None:
        found.verified_at = desk.clock()
    return found


def get(desk, customer_id: int) -> Customer:
    """A customer some visible ticket of theirs opens; NotFound otherwise."""
    desk.actor.must("customers.read")
    customer = desk.session.get(Customer, customer_id)
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(desk.actor)).limit(1)
    if customer is None or desk.session.scalar(theirs) is None:
        raise NotFound()
    return customer


def card(desk, customer_id: int, tickets: int = 10) -> dict:
    """{customer, identities, tickets (newest first, only visible ones), total}."""
    customer = get(desk, customer_id)
    mine = select(Ticket).where(Ticket.customer_id == customer_id, visible(desk.actor), Ticket.merged_into_id.is_(None))
    return {
        "customer": customer,
        "identities": list(customer.identities),
        "tickets": list(desk.session.scalars(mine.order_by(Ticket.id.desc()).limit(tickets))),
        "total": desk.session.scalar(select(func.count()).select_from(mine.limit(1000).subquery())),
    }


def rename(desk, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    desk.actor.must("customers.write")
    name = plain(name).strip()[:200]
    if not name:
        raise Invalid(_("Please give it a name."), {"name": _("Please give it a name.")})
    with desk.writing():
        customer = get(desk, customer_id)
        customer.name = name
        desk.happened("customer.changed", customer=customer_id)
    return customer


def add_identity(desk, customer_id: int, kind: str, value: str) -> Identity:
    """Write down another address of a customer; Conflict when somebody has it already (never a silent merge)."""
    desk.actor.must("customers.write")
    value = plain(value).strip().lower()[:254]
    if not value or not kind:
        raise Invalid(_("Please write the address."), {"address": _("Please write the address.")})
    with desk.writing():
        get(desk, customer_id)
        if not insert_if_new(desk.session, Identity, customer_id=customer_id, kind=kind, address=value, bounced=""):
            raise Conflict(_("Another customer has this address already."))
        desk.happened("customer.changed", customer=customer_id)
    return desk.session.scalar(select(Identity).where(Identity.kind == kind, Identity.address == value))
