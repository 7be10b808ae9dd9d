"""Customers and the addresses that reach them: one card over every channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select

from helpdesk.core import names
from helpdesk.core.accounts.addresses import Own, phone_region, typed_form
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import add, by_id, insert_if_new, insert_many_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import CustomerChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import find_identity, identity_of
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.phone_numbers import KIND as PHONE
from helpdesk.core.phone_numbers import normal_form
from helpdesk.core.text import plain
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.ticket_lists import rows
from helpdesk.core.tickets.visibility import visible

COUNTED = 1000  # more tickets of one customer are not counted
FEW = 10  # customers of one telephone number: an office with extensions


def owner_of(uow: UnitOfWork, addresses: list[Address]) -> int | None:
    """The customer who has one of these addresses, the first that is known."""
    found = (find_identity(uow.session, address.kind, address.value[:254]) for address in addresses)
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


def sees(uow: UnitOfWork, customer_id: int) -> bool:
    """True when whoever acts may know this customer: they see a ticket of theirs, or every ticket there is.

    The one rule for names and addresses. A ticket whose customer its opener may not know has a card of its own
    (``card_for``), so whatever shows a ticket may show its customer.
    """
    if uow.actor.user_id is None or uow.actor.may("all queues"):
        return True
    theirs = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(uow.actor)).limit(1)
    return uow.session.scalar(theirs) is not None


def get(uow: UnitOfWork, customer_id: int) -> Customer:
    """A customer whoever acts may know; NotFound otherwise."""
    uow.actor.must("customers.read")
    customer = by_id(uow.session, Customer, customer_id)
    if customer is None or not sees(uow, customer_id):
        raise NotFound()
    return customer


def card_for(uow: UnitOfWork, person: Address, language: str = "") -> int:
    """The card of somebody whose address was typed: that of its owner, when whoever acts may know them or nobody has
    the address yet; else a card that holds what was typed and looks the same. Inside ``writing``.
    """
    owner = owner_of(uow, [person])
    if owner is None or sees(uow, owner):
        return identity_of(uow, person, language=language).customer_id
    claimed = select(Identity.customer_id).where(*_of(person), Identity.claim > 0).order_by(Identity.id)
    known = next((card for card in uow.session.scalars(claimed) if sees(uow, card)), None)
    if known is None:
        name = plain(person.name)[:200] or person.value[:200]
        known = add(uow.session, Customer, name=name, language=language, created_at=uow.clock())
        _write_down(uow, known, person)
    return known


def typed_card(uow: UnitOfWork, person: Address, language: str = "") -> int:
    """The card of somebody who typed an address without any proof: one for all who typed it so, never that of whoever
    has it. Inside ``writing``.
    """
    claimed = select(Identity.customer_id).where(*_of(person), Identity.claim > 0).order_by(Identity.id).limit(1)
    known = uow.session.scalar(claimed)
    if known is None:
        name = plain(person.name)[:200] or person.value[:200]
        known = add(uow.session, Customer, name=name, language=language, created_at=uow.clock())
        given = {"customer_id": known, "kind": person.kind, "address": person.value[:254], "claim": known}
        insert_if_new(uow.session, Identity, **given)
    return known


def claims(uow: UnitOfWork, customer_id: int, address: Address) -> bool:
    """True when this address was written down on a customer's card while another has it."""
    claim = select(Identity.id).where(*_of(address), Identity.claim == customer_id)
    return uow.session.scalar(claim) is not None


def _of(person: Address) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Identity.kind == person.kind, Identity.address == person.value[:254]


def _write_down(uow: UnitOfWork, customer_id: int, person: Address) -> None:
    """Give a card the address, as a claim where another has it."""
    given = {"customer_id": customer_id, "kind": person.kind, "address": person.value[:254]}
    if not insert_if_new(uow.session, Identity, **given):
        insert_if_new(uow.session, Identity, **given, claim=customer_id)


IDENTITIES_QUERY = (
    select(Identity.__table__)
    .where(Identity.__table__.c.customer_id == bindparam("customer"))
    .order_by(Identity.__table__.c.id)
)


def card(uow: UnitOfWork, customer_id: int, tickets: int = 10) -> dict[str, Any]:
    """{customer, identities, tickets (rows, newest first, only visible ones), total, others: {address: the customer
    who has it, for one who may know them}}.
    """
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
    card = {"customer": customer, "identities": identities, "tickets": rows(uow, ids[:tickets]), "total": len(ids)}
    return card | {"others": _others(uow, identities)}


def ticket_ids(uow: UnitOfWork, customer_id: int) -> list[int]:
    """All tickets of a customer that the actor sees, oldest first, those that were merged into others too."""
    uow.actor.must("customers.read")
    mine = select(Ticket.id).where(Ticket.customer_id == customer_id, visible(uow.actor))
    return list(uow.session.scalars(mine.order_by(Ticket.id)))


def _others(uow: UnitOfWork, identities: Sequence[Row[*tuple[Any, ...]]]) -> dict[str, Customer]:
    """Who has the addresses that are only claimed here, as far as whoever acts may know."""
    owners = {i.address: owner_of(uow, [Address(i.kind, i.address)]) for i in identities if i.claim}
    known = {address: owner for address, owner in owners.items() if owner and sees(uow, owner)}
    return {address: uow.session.get_one(Customer, owner) for address, owner in known.items()}


def rename(uow: UnitOfWork, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    uow.actor.must("customers.write")
    name = names.given(name, 200)
    with uow.writing():
        customer = get(uow, customer_id)
        customer.name = name
        uow.record(CustomerChanged(customer=customer_id))
    return customer


def add_identity(uow: UnitOfWork, customer_id: int, kind: str, value: str) -> None:
    """Write down another address of a customer.

    Conflict when somebody has it whom the actor may know: who sees every ticket of both merges the two, nothing does
    so silently. One of somebody else is written down all the same, and nothing tells that it has an owner.
    """
    uow.actor.must("customers.write")
    with uow.writing():
        get(uow, customer_id)
        known = _known(uow, kind, value)
        Own(uow).refuse([known], field="address")
        owner = owner_of(uow, [known])
        if owner and owner != customer_id and sees(uow, owner):
            raise AddressTaken(owner)
        if owner != customer_id:
            _write_down(uow, customer_id, known)
        uow.record(CustomerChanged(customer=customer_id))


class AddressTaken(Conflict):
    """A customer whom the actor may know has the address already; ``customer`` is their id."""

    def __init__(self, customer: int) -> None:
        super().__init__(_("Another customer has this address already."))
        self.customer = customer
        self.more = {"customer": customer}


def _known(uow: UnitOfWork, kind: str, typed: str) -> Address:
    """What somebody typed, in the form of the channel that knows this kind of address."""
    channel = next((channel for channel in uow.runtime.channels.values() if kind in channel.kinds()), None)
    if not kind or channel is None:
        raise Invalid(_("This desk cannot reach anybody that way."))
    try:
        if kind == PHONE and kind != channel.address:
            return Address(kind, normal_form(typed, phone_region(uow)))
        return typed_form(uow, channel, typed)
    except Invalid as error:
        raise Invalid(
            error.sentence, {"address": next(iter(error.fields.values()), error.sentence)}, **error.values
        ) from None
