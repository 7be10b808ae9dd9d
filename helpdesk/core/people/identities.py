"""The identities of customers: an address, and whose it is."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import add, change, insert_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.text import plain


class Sender(NamedTuple):
    """An identity as writing needs it."""

    id: int
    customer_id: int


def identity_of(uow: UnitOfWork, address: Address, *, language: str = "", customer_id: int | None = None) -> Sender:
    """The identity of an address, with a new customer when nobody has it yet, who goes by their address until they have
    a name.

    Call it inside ``uow.writing()``.
    """
    found = _met(uow, address, language, customer_id)
    return Sender(found.id, found.customer_id)


def identity_of_sender(
    uow: UnitOfWork,
    address: Address,
    *,
    verified: bool,
    doubted: bool = False,
    language: str = "",
    customer_id: int | None = None,
) -> Sender:
    """The same for somebody who wrote: their address works again, and their first real name takes the address's place.

    Whoever is ``doubted`` (rejected by a trusted server, no participant, a machine) changes nothing on a card that was
    there.
    """
    found = _met(uow, address, language, customer_id)
    if verified and found.verified_at is None:
        change(uow.session, Identity, found.id, verified_at=uow.clock())
    if found.bounced and not doubted:
        mark_bounced(uow, address.kind, address.value[:254], "")
    name = plain(address.name)[:200].strip()
    if not doubted and name and found.name in ("", address.value[:200]) and name != found.name:
        change(uow.session, Customer, found.customer_id, name=name)
    return Sender(found.id, found.customer_id)


def mark_bounced(uow: UnitOfWork, kind: str, address: str, status: str) -> None:
    """Note on every card with this address that it failed for good with ``status``; "" when it works again. Inside
    ``writing``.
    """
    where = (Identity.kind == kind, Identity.address == address)
    uow.session.execute(update(Identity).where(*where).values(bounced=status))


def without_address(uow: UnitOfWork, name: str, language: str = "") -> Sender:
    """A card of their own for somebody who cannot be answered: two of them are two people. Inside ``writing``."""
    return Sender(0, add(uow.session, Customer, name=plain(name)[:200], language=language, created_at=uow.clock()))


def _met(uow: UnitOfWork, address: Address, language: str, customer_id: int | None) -> Row[*tuple[Any, ...]]:
    session, value = uow.session, address.value[:254]
    found = find_identity(session, address.kind, value)
    if found is None:
        owner = customer_id or add(
            session, Customer, name=plain(address.name)[:200] or value[:200], language=language, created_at=uow.clock()
        )
        if (
            not insert_if_new(session, Identity, customer_id=owner, kind=address.kind, address=value)
            and owner != customer_id
        ):
            session.execute(delete(Customer).where(Customer.id == owner))  # somebody else met them at the same moment
        found = find_identity(session, address.kind, value)
    if found is None:
        raise LookupError("an identity that was just written")
    return found


IDENTITY_QUERY = (
    select(Identity.id, Identity.customer_id, Identity.verified_at, Identity.bounced, Customer.name)
    .join(Customer, Customer.id == Identity.customer_id)
    .where(Identity.kind == bindparam("kind"), Identity.address == bindparam("address"), Identity.claim == 0)
)


def find_identity(session: Session, kind: str, address: str) -> Row[*tuple[Any, ...]] | None:
    """The identity of an address with its customer's name, or None."""
    return session.connection().execute(IDENTITY_QUERY, {"kind": kind, "address": address}).first()
