"""The place of somebody in the line, and an honest estimate of the time until they are served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, or_, select

from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import QueueTeam
from helpdesk.core.tickets.models import Ticket

from . import availability
from .availability import Availability
from .entries import ORDER, is_due, open_query, pairs, visible_row
from .estimate import LEAST, Wait, waits
from .models import WaitingEntry

RECENT = 200  # services looked at
ENOUGH = 20  # of one queue; with fewer, those of all queues count
AGE = timedelta(days=28)
LONGEST_GAP = 300.0  # seconds between two services; more is a break


@dataclass(frozen=True)
class Place:
    """``position`` counts from 1; 0 is who is served, or does not wait. ``seconds`` until they are served, most likely
    between ``low`` and ``high``; None while not enough is known, or nobody is there.
    """

    position: int
    seconds: int | None = None
    low: int | None = None
    high: int | None = None


def place(uow: UnitOfWork, entry_id: int) -> Place:
    """Where somebody stands and how long they will wait."""
    row = visible_row(uow, entry_id)
    if row.state not in ("waiting", "offered"):
        return Place(0)
    queue_id = uow.session.get_one(Ticket, row.ticket_id).queue_id
    return places(uow, row.kind, queue_id).get(entry_id) or Place(0)


def places(uow: UnitOfWork, kind: str, queue_id: int) -> dict[int, Place]:
    """The place of everybody who waits on this queue, by entry; quicker than asking for each."""
    line = _line(uow, kind, queue_id)
    found = _waits(uow, kind, queue_id, len(line))
    return {row.id: _place(at, found) for at, (row, queue) in enumerate(line) if queue == queue_id}


def estimate(uow: UnitOfWork, kind: str, queue_id: int) -> Place:
    """Where somebody would stand who joined now, and how long they would wait."""
    if kind not in uow.runtime.waiting_kinds:
        raise NotFound()
    ahead = len(_line(uow, kind, queue_id))
    return _place(ahead, _waits(uow, kind, queue_id, ahead + 1))


def _place(ahead: int, found: list[Wait] | None) -> Place:
    if found is None or ahead >= len(found):
        return Place(ahead + 1)
    return Place(ahead + 1, found[ahead].seconds, found[ahead].low, found[ahead].high)


def _line(uow: UnitOfWork, kind: str, queue_id: int) -> list[tuple[WaitingEntry, int]]:
    """(row, queue) of those who are not served yet, in the queues that the same teams answer."""
    teams = select(QueueTeam.team_id).where(QueueTeam.queue_id == queue_id)
    queues = select(QueueTeam.queue_id).where(QueueTeam.team_id.in_(teams))
    waiting = WaitingEntry.state.in_(("waiting", "offered"))
    ours = or_(Ticket.queue_id == queue_id, Ticket.queue_id.in_(queues))
    query = open_query(kind).where(waiting, is_due(uow.clock()), ours).order_by(*ORDER)
    return pairs(uow, query)


def _waits(uow: UnitOfWork, kind: str, queue_id: int, places: int) -> list[Wait] | None:
    recent = _recent(uow, kind, queue_id)
    services = [seconds for seconds in recent if seconds is not None]
    if len(services) < LEAST:
        return None
    running, free = _seats(uow, kind, availability.serving(uow, queue_id))
    return waits(places, running, free, services, recent.count(None) / len(recent))


def _recent(uow: UnitOfWork, kind: str, queue_id: int) -> list[float | None]:
    """Seconds for which each of the last ones kept somebody, None for who left before; of this queue when there are
    enough. What passes between one service and the next while somebody waits, as ringing does, counts with the first.
    """
    over = WaitingEntry.__table__.c
    since = func.coalesce(over.not_before, over.joined_at)
    query = (
        select(over.taken_id, since.label("since"), over.taken_at, over.ended_at, Ticket.queue_id)
        .join(Ticket, Ticket.id == over.ticket_id)
        .where(over.kind == kind, over.ended_at.is_not(None), over.ended_at > uow.clock() - AGE)
        .order_by(over.ended_at.desc())
        .limit(RECENT)
    )
    rows = uow.session.connection().execute(query).all()
    own = [row for row in rows if row.queue_id == queue_id]
    counted = own if len(own) >= ENOUGH else rows
    between = _between(rows)
    return [seconds and seconds + between for seconds in (_seconds(row.taken_at, row.ended_at) for row in counted)]


def _between(rows: Sequence[Any]) -> float:
    """The median of seconds from the end of a service to the next one of the same person, where somebody waited for it
    already; 0 while that is not known.
    """
    gaps = []
    last: dict[int, datetime] = {}
    for row in sorted((row for row in rows if row.taken_at and row.taken_id), key=lambda row: row.taken_at):
        before = last.get(row.taken_id)
        if before and row.since <= before <= row.taken_at:
            gaps.append(min((row.taken_at - before).total_seconds(), LONGEST_GAP))
        last[row.taken_id] = max(row.ended_at, before or row.ended_at)
    return median(gaps) if len(gaps) >= LEAST else 0.0


def _seconds(since: datetime | None, until: datetime) -> float | None:
    return (until - since).total_seconds() if since else None


def _seats(uow: UnitOfWork, kind: str, people: list[Availability]) -> tuple[list[float], int]:
    """(for how many seconds each taken seat has served, the number of free seats) of those who are available."""
    there = {one.user_id: one for one in people if one.state == "available" and not one.taken_up(kind)}
    query = select(WaitingEntry.taken_id, WaitingEntry.taken_at).where(
        WaitingEntry.kind == kind, WaitingEntry.state == "taken", WaitingEntry.taken_id.in_(there)
    )
    taken: dict[int, list[float]] = {user_id: [] for user_id in there}
    for row in uow.session.execute(query):
        taken[row.taken_id].append((uow.clock() - row.taken_at).total_seconds())
    running: list[float] = []
    free = 0
    for user_id, one in there.items():
        most = one.capacity.get(kind, 0)
        running += sorted(taken[user_id])[:most]  # who has more than that has the next seat when the others are done
        free += max(0, most - len(taken[user_id]))
    return running, free
