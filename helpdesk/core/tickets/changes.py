"""The journal as people may read it: the entries of tickets they see, with the rows of lists."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from helpdesk.core.journal.journal import JournalEntry, entry, last
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import ticket_lists
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.simulated import REAL
from helpdesk.core.tickets.standings import Change, changes
from helpdesk.core.tickets.visibility import visible

WINDOW = 5000  # sequence numbers one page looks at


def since(
    uow: UnitOfWork, seq: int, limit: int = 500, until: int | None = None, *where: ColumnElement[bool]
) -> list[JournalEntry]:
    """What happened after ``seq`` (up to ``until``) on tickets the acting user may see now."""
    uow.actor.must("tickets.read")
    query = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Event.seq > seq, visible(uow.actor), *where)
    query = query.where(Event.seq <= until) if until is not None else query
    query = query.order_by(Event.seq).limit(max(1, min(limit, 1000)))
    return [entry(uow, row) for row in uow.session.scalars(query)]


def page(uow: UnitOfWork, seq: int, limit: int = 100) -> tuple[list[JournalEntry], int | None]:
    """One page of ``since`` on real tickets, and the number the next page begins after, None at the end.

    It looks at ``WINDOW`` numbers and no more, so a page may be empty and yet not be the last.
    """
    newest = last(uow)
    until = min(seq + WINDOW, newest)
    events = since(uow, seq, limit, until, REAL)
    reached = events[-1].seq if len(events) == limit else until
    return events, reached if reached < newest else None


def changed(uow: UnitOfWork, events: list[JournalEntry]) -> list[Change]:
    """What these events did to tickets, for consoles. Rows are read once for all of them."""
    ids = list(dict.fromkeys(e.ticket_id for e in events if e.ticket_id))
    rows = {row["id"]: row for row in ticket_lists.rows(uow, ids)} if ids else {}
    return changes(events, rows)
