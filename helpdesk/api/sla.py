"""Clocks of tickets: declare kinds (``register_clocks``), read clocks, set their targets, start, pause and end those
of your own. Business hours: declare calendars (``register_business_hours``), and ask whether one is open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Queue
from helpdesk.core.sla import models
from helpdesk.core.sla.kinds import MOMENTS, ClockKind
from helpdesk.core.sla.opening import BusinessHours, Opening, calendars, opening, worked
from helpdesk.core.sla.states import UNDER_WAY
from helpdesk.core.tickets import targets
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.targets import Target
from helpdesk.core.tickets.visibility import visible_ticket

from ._calls import writes

Span = tuple[datetime, datetime]
FACTS = ("queue_id", "priority", "channel", "tags", "customer_id")


@dataclass(frozen=True)
class Clock:
    """A clock of a ticket, and the facts of the ticket that decide about it. ``state``: pending, running, paused, met,
    cancelled.

    ``spans`` are when it ran, not yet counted in ``used``; ``used`` and ``goal`` are seconds of working time.
    ``queue_minutes`` is the time to answer of the ticket's queue.
    """

    id: int
    ticket_id: int
    name: str
    state: str
    revision: int
    started_at: datetime
    running_since: datetime | None
    spans: tuple[Span, ...]
    used: int
    goal: int | None
    target_at: datetime | None
    warn_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    ended_at: datetime | None
    reasons: dict[str, Any]
    queue_id: int
    priority: str
    channel: str
    tags: tuple[str, ...]
    customer_id: int
    queue_minutes: int


OWN = [name for name in Clock.__dataclass_fields__ if name not in (*FACTS, "queue_minutes")]
CLOCKS_QUERY = (
    select(
        *(models.Clock.__table__.c[name] for name in OWN),
        *(Ticket.__table__.c[name] for name in FACTS),
        Queue.__table__.c.target_minutes.label("queue_minutes"),
    )
    .join_from(models.Clock.__table__, Ticket.__table__)
    .join(Queue.__table__, Queue.__table__.c.id == Ticket.__table__.c.queue_id)
    .order_by(models.Clock.__table__.c.id)
)


def of_ticket(uow: UnitOfWork, ticket_id: int, *, all_: bool = False) -> list[Clock]:
    """The clocks of a ticket that are under way, oldest first; with ``all_`` those that ended too."""
    visible_ticket(uow, ticket_id)
    states = () if all_ else (models.Clock.state.in_(UNDER_WAY),)
    return _read(uow, CLOCKS_QUERY.where(models.Clock.ticket_id == ticket_id, *states))


def under_way(uow: UnitOfWork, after: int = 0, limit: int = 100) -> list[Clock]:
    """Clocks of all tickets that are under way, those after an id, for jobs that look at each of them."""
    uow.actor.must("settings")
    next_ = select(models.Clock.id).where(models.Clock.id > after, models.Clock.state.in_(UNDER_WAY))
    some = next_.order_by(models.Clock.id).limit(limit)  # the clocks first, or every ticket is looked at
    return _read(uow, CLOCKS_QUERY.where(models.Clock.id.in_(some)))


def count_under_way(uow: UnitOfWork) -> int:
    """How many clocks of all tickets are under way."""
    uow.actor.must("settings")
    query = select(func.count()).select_from(models.Clock).where(models.Clock.state.in_(UNDER_WAY))
    return uow.session.connection().scalar(query) or 0


def count_overdue(uow: UnitOfWork) -> dict[str, int]:
    """How many clocks of all tickets are under way past their target, by name; none is left out."""
    uow.actor.must("settings")
    overdue = models.Clock.breached_at.is_not(None), models.Clock.state.in_(UNDER_WAY)
    query = select(models.Clock.name, func.count()).where(*overdue).group_by(models.Clock.name)
    return dict(uow.session.connection().execute(query).all())


def kinds(uow: UnitOfWork) -> Collection[ClockKind]:
    """All clocks that plugins declare."""
    return list(uow.runtime.clocks.values())


def _read(uow: UnitOfWork, query: Select[*tuple[Any, ...]]) -> list[Clock]:
    return [_clock(row) for row in uow.session.connection().execute(query)]


def _clock(row: Row[*tuple[Any, ...]]) -> Clock:
    spans = tuple((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in row.spans)
    return Clock(**dict(row._mapping) | {"spans": spans, "tags": tuple(row.tags or ())})


set_targets = writes(targets.set_targets)


start = writes(targets.start)


@writes
def pause(uow: UnitOfWork, ticket_id: int, name: str) -> None:
    """Pause a running clock."""
    targets.act(uow, ticket_id, name, "pause")


@writes
def resume(uow: UnitOfWork, ticket_id: int, name: str) -> None:
    """Let a paused clock run again; its target is to be set anew."""
    targets.act(uow, ticket_id, name, "resume")


@writes
def meet(uow: UnitOfWork, ticket_id: int, name: str) -> None:
    """End a clock: what it measured is done."""
    targets.act(uow, ticket_id, name, "meet")


@writes
def cancel(uow: UnitOfWork, ticket_id: int, name: str) -> None:
    """End a clock that measures nothing any more."""
    targets.act(uow, ticket_id, name, "cancel")


__all__ = [
    "MOMENTS",
    "BusinessHours",
    "Clock",
    "ClockKind",
    "Opening",
    "Target",
    "calendars",
    "cancel",
    "count_overdue",
    "count_under_way",
    "kinds",
    "meet",
    "of_ticket",
    "opening",
    "pause",
    "resume",
    "set_targets",
    "start",
    "under_way",
    "worked",
]
