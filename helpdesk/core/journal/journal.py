"""Reading the journal: each reader with its own cursor, browsers by sequence number (law 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from . import views
from .database import insert_if_new
from .events.registry import DomainEvent
from .leases import LEASE, worker_name
from .models import Cursor, Event, Ticket
from .rights import visible
from .standings import Change, changes

WINDOW = 5000  # sequence numbers one page looks at


@dataclass(frozen=True)
class Happened:
    """An event as its readers get it. ``event`` is an UnknownEvent when the plugin that declared its kind is gone."""

    seq: int
    kind: str
    at: datetime
    actor: str
    ticket_id: int | None
    message_id: int | None
    data: dict
    event: DomainEvent


def entry(desk, row: Event) -> Happened:
    """A row of the journal as its readers get it."""
    event = desk.house.events.load(row.kind, row.ticket_id, row.message_id, row.data)
    return Happened(row.seq, row.kind, row.at, row.actor, row.ticket_id, row.message_id, row.data, event)


LAST = select(func.max(Event.seq))


def last(desk) -> int:
    """The newest sequence number, 0 when nothing ever happened."""
    return desk.session.connection().scalar(LAST) or 0


def after(desk, seq: int, limit: int = 500) -> list[Happened]:
    """What happened after ``seq``, oldest first; for readers inside the house, without any rights."""
    query = select(Event).where(Event.seq > seq).order_by(Event.seq).limit(limit)
    return [entry(desk, row) for row in desk.session.scalars(query)]


def since(desk, seq: int, limit: int = 500, until: int | None = None) -> list[Happened]:
    """What happened after ``seq`` (up to ``until``) on tickets the acting user may see now."""
    desk.actor.must("tickets.read")
    query = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Event.seq > seq, visible(desk.actor))
    query = query.where(Event.seq <= until) if until is not None else query
    query = query.order_by(Event.seq).limit(max(1, min(limit, 1000)))
    return [entry(desk, row) for row in desk.session.scalars(query)]


def page(desk, seq: int, limit: int = 100) -> tuple[list[Happened], int | None]:
    """One page of ``since``, and the number the next page begins after, None at the end.

    It looks at ``WINDOW`` numbers and no more, so a page may be empty and yet not be the last.
    """
    newest = last(desk)
    until = min(seq + WINDOW, newest)
    events = since(desk, seq, limit, until)
    reached = events[-1].seq if len(events) == limit else until
    return events, reached if reached < newest else None


def changed(desk, events: list[Happened]) -> list[Change]:
    """What these events did to tickets, for consoles. Rows are read once for all of them."""
    ids = list(dict.fromkeys(e.ticket_id for e in events if e.ticket_id))
    rows = {row["id"]: row for row in views.rows(desk, ids)} if ids else {}
    return changes(events, rows)


def take_cursor(desk, name: str) -> int | None:
    """Where a reader goes on from, with a lease on reading: None when another process reads for it. New readers begin at the end."""
    session, me = desk.session, worker_name()
    cursor = session.get(Cursor, name, populate_existing=True)
    if cursor and cursor.worker == me and cursor.lease_until and cursor.lease_until > desk.clock() + LEASE / 2:
        return cursor.seq
    with desk.writing():
        if cursor is None:
            insert_if_new(session, Cursor, name=name, seq=last(desk), at=desk.clock(), worker="")
        query = select(Cursor).where(Cursor.name == name).with_for_update().execution_options(populate_existing=True)
        cursor = session.scalars(query).one()
        if cursor.worker not in ("", me) and cursor.lease_until and cursor.lease_until > desk.clock():
            return None
        cursor.worker, cursor.lease_until = me, desk.clock() + LEASE
    return cursor.seq


def move_cursor(desk, name: str, seq: int) -> None:
    """Remember how far a reader has come."""
    with desk.writing() as session:
        session.execute(update(Cursor).where(Cursor.name == name).values(seq=seq, at=desk.clock()))
