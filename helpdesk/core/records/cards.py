"""Which cards are one person's: their own, and those on which nothing stands but claims to their addresses."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import aliased

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity


def cards_of(uow: UnitOfWork, customer_id: int) -> list[int]:
    """The customer's id, and those of the cards made for their addresses by people who may not know them."""
    other = aliased(Identity)
    more = exists().where(other.customer_id == Identity.customer_id, ~_claims(other, customer_id))
    found = select(Identity.customer_id).where(_claims(Identity, customer_id), ~more).distinct()
    return [customer_id, *sorted(uow.session.scalars(found))]


def drop_claims(uow: UnitOfWork, customer_id: int) -> None:
    """Take the customer's addresses off every other card. Inside ``writing``."""
    claimed = delete(Identity).where(_claims(Identity, customer_id))
    uow.session.execute(claimed, execution_options={"synchronize_session": False})


def _claims(identity: type[Identity], customer_id: int) -> ColumnElement[bool]:
    """The condition that an identity is a claim to an address this customer has."""
    owned = aliased(Identity)
    same = and_(owned.kind == identity.kind, owned.address == identity.address, owned.claim == 0)
    return and_(identity.claim > 0, exists().where(same, owned.customer_id == customer_id))
