"""The entries of the line as everybody reads them, and their order: who came first is first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible, visible_ticket

from .models import OPEN, WaitingEntry

ORDER = (WaitingEntry.joined_at, WaitingEntry.id)
Open = Select[WaitingEntry, int]


@dataclass(frozen=True)
class Entry:
    """Somebody in the line. ``state``: waiting, offered, taken, ended or abandoned; ``offered_to`` and ``taken_by`` are
    users; before ``not_before`` nobody is offered it.
    """

    id: int
    kind: str
    ticket_id: int
    queue_id: int
    label: str
    state: str
    joined_at: datetime
    not_before: datetime | None
    offered_to: int | None
    offered_until: datetime | None
    taken_by: int | None
    taken_at: datetime | None
    ended_at: datetime | None
    outcome: str
    data: dict[str, Any]

    @property
    def open(self) -> bool:
        """True until it is over."""
        return self.state in OPEN

    def since(self) -> datetime:
        """Since when they wait: from the moment they asked for, if they named one."""
        return max(self.joined_at, self.not_before) if self.not_before else self.joined_at


def entry(row: WaitingEntry, queue_id: int) -> Entry:
    """A row as it is read."""
    return Entry(
        id=row.id,
        kind=row.kind,
        ticket_id=row.ticket_id,
        queue_id=queue_id,
        label=row.label,
        state=row.state,
        joined_at=row.joined_at,
        not_before=row.not_before,
        offered_to=row.offered_id,
        offered_until=row.offered_until,
        taken_by=row.taken_id,
        taken_at=row.taken_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        data=dict(row.data or {}),
    )


def visible_row(uow: UnitOfWork, entry_id: int, right: str = "tickets.read") -> WaitingEntry:
    """The row of an entry whose ticket the actor sees; NotFound for another, Forbidden without the right."""
    row = by_id(uow.session, WaitingEntry, entry_id, populate_existing=True)
    if row is None:
        raise NotFound()
    visible_ticket(uow, row.ticket_id, right, populate_existing=True)
    return row


def get(uow: UnitOfWork, entry_id: int) -> Entry:
    """The entry; NotFound alike for an unknown and a forbidden id."""
    return view(uow, visible_row(uow, entry_id))


def view(uow: UnitOfWork, row: WaitingEntry) -> Entry:
    """A row as it is read, its queue looked up."""
    return entry(row, uow.session.get_one(Ticket, row.ticket_id).queue_id)


def of_ticket(uow: UnitOfWork, ticket_id: int) -> list[Entry]:
    """All entries of a ticket, the open ones first, then the newest first."""
    ticket = visible_ticket(uow, ticket_id, populate_existing=True)
    query = select(WaitingEntry).where(WaitingEntry.ticket_id == ticket_id).order_by(WaitingEntry.id.desc())
    rows = uow.session.scalars(query.execution_options(populate_existing=True))
    return sorted((entry(row, ticket.queue_id) for row in rows), key=lambda one: not one.open)


def line(uow: UnitOfWork, *, kind: str | None = None, queue_id: int | None = None) -> list[Entry]:
    """Everybody who waits, is offered or is served now and whom the actor sees, the first first."""
    uow.actor.must("tickets.read")
    query = open_query(kind, queue_id).where(visible(uow.actor)).order_by(*ORDER)
    return [entry(row, queue) for row, queue in pairs(uow, query)]


def count_waiting(uow: UnitOfWork) -> dict[int, int]:
    """How many wait and are not served yet, by queue, of those whom the actor sees."""
    waiting = WaitingEntry.state.in_(("waiting", "offered"))
    query = (
        select(Ticket.queue_id, func.count())
        .join(WaitingEntry, WaitingEntry.ticket_id == Ticket.id)
        .where(waiting, is_due(uow.clock()), visible(uow.actor))
        .group_by(Ticket.queue_id)
    )
    return {row[0]: row[1] for row in uow.session.connection().execute(query)}


def standing(uow: UnitOfWork) -> dict[str, tuple[int, float]]:
    """{kind: (how many wait, seconds that the first of them has waited)}, of every kind."""
    query = (
        select(
            WaitingEntry.kind, func.count(), func.min(func.coalesce(WaitingEntry.not_before, WaitingEntry.joined_at))
        )
        .where(WaitingEntry.state.in_(("waiting", "offered")), is_due(uow.clock()))
        .group_by(WaitingEntry.kind)
    )
    found = {row[0]: (row[1], (uow.clock() - row[2]).total_seconds()) for row in uow.session.execute(query)}
    return dict.fromkeys(uow.runtime.waiting_kinds, (0, 0.0)) | found


def everything_open(uow: UnitOfWork) -> list[tuple[Entry, str]]:
    """(entry, subject of its ticket) of all that is open, whoever asks, the first first."""
    query = open_query().add_columns(Ticket.subject).order_by(*ORDER)
    return [(entry(row[0], row[1]), row[2]) for row in uow.session.execute(query)]


def open_query(kind: str | None = None, queue_id: int | None = None) -> Open:
    """(row, queue) of what is open, whoever asks."""
    query = select(WaitingEntry, Ticket.queue_id).join(Ticket, Ticket.id == WaitingEntry.ticket_id)
    query = query.where(WaitingEntry.state.in_(OPEN)).execution_options(populate_existing=True)
    query = query if kind is None else query.where(WaitingEntry.kind == kind)
    return query if queue_id is None else query.where(Ticket.queue_id == queue_id)


def pairs(uow: UnitOfWork, query: Open) -> list[tuple[WaitingEntry, int]]:
    """(row, queue) of what a query made of ``open_query`` finds."""
    return [(found[0], found[1]) for found in uow.session.execute(query)]


def ready(uow: UnitOfWork, *, locked: bool = False) -> list[tuple[WaitingEntry, int]]:
    """(row, queue) of those who wait now and ring at nobody, the first first. ``locked`` for this writer alone, without
    those that another writer has in hand.
    """
    query = open_query().where(WaitingEntry.state == "waiting", is_due(uow.clock())).order_by(*ORDER)
    query = query.with_for_update(of=WaitingEntry, skip_locked=True) if locked else query
    return pairs(uow, query)


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition of entries whose moment has come."""
    return or_(WaitingEntry.not_before.is_(None), WaitingEntry.not_before <= now)
