"""Who participates in a ticket: the addresses that may answer it and are known senders (law 6)."""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import insert_many_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import plain
from helpdesk.core.tickets.models import Participant


def add(uow: UnitOfWork, ticket_id: int, people: Iterable[Address]) -> None:
    """Add participants; those who are there already keep their names. Inside ``writing``."""
    rows = [
        {"ticket_id": ticket_id, "kind": p.kind, "address": p.value[:254], "name": plain(p.name)[:200]} for p in people
    ]
    insert_many_if_new(uow.session, Participant, rows)
