"""Who participates in a ticket: the addresses that may answer it and are known senders (law 6)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.columns import ACTIVE
from helpdesk.core.database.rows import insert_many_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import plain
from helpdesk.core.tickets.models import Participant, Ticket


def add(uow: UnitOfWork, ticket_id: int, people: Iterable[Address]) -> None:
    """Add participants; those who are there already keep their names. Inside ``writing``."""
    rows = [
        {"ticket_id": ticket_id, "kind": p.kind, "address": p.value[:254], "name": plain(p.name)[:200]} for p in people
    ]
    insert_many_if_new(uow.session, Participant, rows)


OPEN_QUERY = (
    select(Ticket.id)
    .join(Participant, Participant.ticket_id == Ticket.id)
    .where(
        Participant.kind == bindparam("kind"),
        Participant.address == bindparam("address"),
        Ticket.account_id == bindparam("account"),
        Ticket.status.in_(ACTIVE),
        Ticket.merged_into_id.is_(None),
    )
    .order_by(Ticket.id.desc())
    .limit(1)
)


def open_ticket_of(session: Session, account_id: int, person: Address) -> int | None:
    """The newest ticket of an account that is not closed and on which this person takes part."""
    given = {"account": account_id, "kind": person.kind, "address": person.value[:254]}
    return session.scalar(OPEN_QUERY, given) if person.value else None
