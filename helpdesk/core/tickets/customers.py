"""Customers and the addresses that reach them: one card over every channel."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Row, bindparam, delete, select

from . import names
from .addresses import Own
from .channels import Address
from .database import add, by_id, change, insert_if_new, insert_many_if_new
from .errors import Conflict, Invalid, NotFound, _
from .events.people import CustomerChanged
from .models import Customer, Identity, Ticket
from .rights import visible
from .text import plain
from .views import rows

COUNTED = 1000  # more tickets of one customer are not counted


class Voice(NamedTuple):
    """An identity as writing needs it."""

    id: int
    customer_id: int


def identity_of(desk, address: Address, *, language: str = "", customer_id: int | None = None) -> Voice:
    """The identity of an address, with a new customer when nobody has it yet, who goes by their address until they have a name.

    Call it inside ``desk.writing()``.
    """
    found = _met(desk, address, language, customer_id)
    return Voice(found.id, found.customer_id)


def heard_from(desk, address: Address, *, verified: bool, doubted: bool = False, language: str = "", customer_id: int | None = None) -> Voice:
    """The same for somebody who wrote: their address works again, and their first real name takes the address's place.

    Whoever is ``doubted`` (spoken against, not of the conversation, a machine) changes nothing on a card that was there.
    """
    found = _met(desk, address, language, customer_id)
    if verified and found.verified_at is None:
        change(desk.session, Identity, found.id, verified_at=desk.clock())
    if found.bounced and not doubted:
        change(desk.session, Identity, found.id, bounced="")
    name = plain(address.name)[:200].strip()
    if not doubted and name and found.name in ("", address.value[:200]) and name != found.name:
        change(desk.session, Customer, found.customer_id, name=name)
    return Voice(found.id, found.customer_id)


def without_address(desk, name: str, language: str = "") -> Voice:
    """A card of their own for somebody who cannot be answered: two of them are two people. Inside ``writing``."""
    return Voice(0, add(desk.session, Customer, name=plain(name)[:200], language=language, created_at=desk.clock()))


def _met(desk, address: Address, language: str, customer_id: int | None) -> Row:
    session, value = desk.session, address.value[:254]
    found = _identity(session, address.kind, value)
    if found is None:
        owner = customer_id or add(session, Customer, name=plain(address.name)[:200] or value[:200], language=language, created_at=desk.clock())
        if not insert_if_new(session, Identity, customer_id=owner, kind=address.kind, address=value) and owner != customer_id:
            session.execute(delete(Customer).where(Customer.id == owner))  # somebody else met them at the same moment
        found = _identity(session, address.kind, value)
    return found


def owner_of(desk, addresses: list[Address]) -> int | None:
    """The customer who has one of these addresses, the first that is known."""
    found = (_identity(desk.session, address.kind, address.value[:254]) for address in addresses)
    return next((identity.customer_id for identity in found if identity), None)


def add_identities(desk, customer_id: int, addresses: list[Address]) -> None:
    """Give a customer further addresses; one that somebody has already stays with them. Inside ``writing``."""
    rows = [{"customer_id": customer_id, "kind": a.kind, "address": a.value[:254]} for a in addresses if a.kind and a.value]
    insert_many_if_new(desk.session, Identity, rows)


FIND = (
    select(Identity.id, Identity.customer_id, Identity.verified_at, Identity.bounced, Customer.name)
    .join(Customer, Customer.id == Identity.customer_id)
    .where(Identity.kind == bindparam("kind"), Identity.address == bindparam("address"))
)


def _identity(session, kind: str, address: str) -> Row | None:
    return session.connection().execute(FIND, {"kind": kind, "address": address}).first()


def get(desk, customer_id: int) -> Customer:
    """A customer some visible ticket of theirs opens; NotFound otherwise."""
    desk.actor.must("customers.read")
    customer = by_id(desk.session, Customer, customer_id)
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(desk.actor)).limit(1)
    if customer is None or desk.session.scalar(theirs) is None:
        raise NotFound()
    return customer


IDENTITIES = select(Identity.__table__).where(Identity.__table__.c.customer_id == bindparam("customer")).order_by(Identity.__table__.c.id)


def card(desk, customer_id: int, tickets: int = 10) -> dict:
    """{customer, identities, tickets (rows, newest first, only visible ones), total}."""
    desk.actor.must("customers.read")
    mine = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(desk.actor), Ticket.merged_into_id.is_(None), Ticket.last_message_id > 0)
    ids = list(desk.session.scalars(mine.order_by(Ticket.id.desc()).limit(COUNTED))) if 0 < customer_id < 2**63 else []
    customer = desk.session.get(Customer, customer_id) if ids else get(desk, customer_id)
    identities = desk.session.connection().execute(IDENTITIES, {"customer": customer_id}).all()
    return {"customer": customer, "identities": identities, "tickets": rows(desk, ids[:tickets]), "total": len(ids)}


def rename(desk, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    desk.actor.must("customers.write")
    name = names.given(name, 200)
    with desk.writing():
        customer = get(desk, customer_id)
        customer.name = name
        desk.record(CustomerChanged(customer=customer_id))
    return customer


def add_identity(desk, customer_id: int, kind: str, value: str) -> Identity:
    """Write down another address of a customer; Conflict when somebody has it already (never a silent merge)."""
    desk.actor.must("customers.write")
    with desk.writing():
        get(desk, customer_id)
        known = _known(desk, kind, value)
        Own(desk).refuse([known], field="address")
        value = known.value
        if not insert_if_new(desk.session, Identity, customer_id=customer_id, kind=kind, address=value, bounced=""):
            raise Conflict(_("Another customer has this address already."))
        desk.record(CustomerChanged(customer=customer_id))
    return desk.session.scalar(select(Identity).where(Identity.kind == kind, Identity.address == value))


def _known(desk, kind: str, typed: str) -> Address:
    """What somebody typed, in the form of the channel that knows this kind of address."""
    channel = next((channel for channel in desk.house.channels.values() if kind in channel.kinds()), None)
    if not kind or channel is None:
        raise Invalid(_("This desk reaches nobody that way."))
    try:
        return channel.recipient(typed)
    except Invalid as error:
        raise Invalid(error.sentence, {"address": next(iter(error.fields.values()), error.sentence)}, **error.values) from None
