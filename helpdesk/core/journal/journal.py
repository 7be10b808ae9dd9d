"""Reading the journal: each reader with a cursor of its own (law 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from helpdesk.core.database.leases import LEASE, worker_name
from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.events.registry import DomainEvent
from helpdesk.core.journal.models import Cursor, Event
from helpdesk.core.journal.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class JournalEntry:
    """An event as its readers get it. ``event`` is an UnknownEvent when the plugin that declared its kind is gone."""

    seq: int
    kind: str
    at: datetime
    actor: str
    ticket_id: int | None
    message_id: int | None
    data: dict[str, Any]
    event: DomainEvent


def entry(uow: UnitOfWork, row: Event) -> JournalEntry:
    """A row of the journal as its readers get it."""
    event = uow.runtime.events.load(row.kind, row.ticket_id, row.message_id, row.data)
    return JournalEntry(row.seq, row.kind, row.at, row.actor, row.ticket_id, row.message_id, row.data, event)


LAST = select(func.max(Event.seq))


def last(uow: UnitOfWork) -> int:
    """The newest sequence number, 0 when nothing ever happened."""
    return uow.session.connection().scalar(LAST) or 0


def last_of(uow: UnitOfWork, ticket_id: int) -> int:
    """The number of the newest event of a ticket, 0 for none."""
    return uow.session.scalar(LAST.where(Event.ticket_id == ticket_id)) or 0


def after(uow: UnitOfWork, seq: int, limit: int = 500, until: int | None = None) -> list[JournalEntry]:
    """What happened after ``seq`` (up to ``until``), oldest first; for readers inside the desk, without any rights."""
    query = select(Event).where(Event.seq > seq).order_by(Event.seq).limit(limit)
    query = query if until is None else query.where(Event.seq <= until)
    return [entry(uow, row) for row in uow.session.scalars(query)]


def counts(uow: UnitOfWork, seq: int, until: int, *where: ColumnElement[bool]) -> dict[str, int]:
    """How often each kind happened after ``seq`` up to ``until``, under these conditions."""
    between = Event.seq > seq, Event.seq <= until, *where
    query = select(Event.kind, func.count()).where(*between).group_by(Event.kind)
    return dict(uow.session.connection().execute(query).all())


def take_cursor(uow: UnitOfWork, name: str) -> int | None:
    """Where a reader goes on from, with a lease on reading: None when another process reads for it. New readers
    begin at the end.
    """
    session, me = uow.session, worker_name()
    cursor = session.get(Cursor, name, populate_existing=True)
    if cursor and cursor.worker == me and cursor.lease_until and cursor.lease_until > uow.clock() + LEASE / 2:
        return cursor.seq
    with uow.writing():
        if cursor is None:
            insert_if_new(session, Cursor, name=name, seq=last(uow), at=uow.clock(), worker="")
        query = select(Cursor).where(Cursor.name == name).with_for_update().execution_options(populate_existing=True)
        cursor = session.scalars(query).one()
        if cursor.worker not in ("", me) and cursor.lease_until and cursor.lease_until > uow.clock():
            return None
        cursor.worker, cursor.lease_until = me, uow.clock() + LEASE
    return cursor.seq


def move_cursor(uow: UnitOfWork, name: str, seq: int) -> None:
    """Remember how far a reader has come."""
    with uow.writing() as session:
        session.execute(update(Cursor).where(Cursor.name == name).values(seq=seq, at=uow.clock()))
