"""Targets of clocks, as whoever knows the working hours sets them: written only where the clock is still as they saw
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from helpdesk.core.errors import NotFound, _
from helpdesk.core.events.sla import SlaTargetSet
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.sla import clocks
from helpdesk.core.sla.models import Clock
from helpdesk.core.sla.order import target_of
from helpdesk.core.sla.states import UNDER_WAY

from . import simulated
from .clocks import place, place_at
from .models import Ticket
from .visibility import visible_ticket

ACTS = ("start", "pause", "resume", "meet", "cancel")


@dataclass(frozen=True)
class Target:
    """What to write into a clock (``Clock.id``) as it was at ``revision``.

    ``target_at`` is None where there is none, as while it is paused. ``goal`` and ``used`` are seconds of working
    time; ``used`` was used up before ``spans`` and ``running_since``. ``reasons`` is plain JSON that tells why.
    """

    clock_id: int
    revision: int
    target_at: datetime | None
    warn_at: datetime | None = None
    goal: int | None = None
    used: int = 0
    spans: tuple[tuple[datetime, datetime], ...] = ()
    running_since: datetime | None = None
    reasons: dict[str, Any] = field(default_factory=dict)


def set_targets(uow: UnitOfWork, targets: Sequence[Target]) -> int:
    """Write targets in one commit and give their tickets their places; how many were written. A clock that changed
    meanwhile is left out.
    """
    uow.actor.must("settings")
    wanted = {target.clock_id: target for target in targets}
    with uow.writing() as session:
        query = select(Clock).where(Clock.id.in_(wanted), Clock.state.in_(UNDER_WAY)).order_by(Clock.id)
        found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
        fitting = [clock for clock in found if clock.revision == wanted[clock.id].revision]
        for clock in fitting:
            _set(clock, wanted[clock.id], uow.clock())
        session.flush()
        _place_all(uow, fitting)
    return len(fitting)


def _set(clock: Clock, target: Target, now: datetime) -> None:
    """A target that stays what it was is warned of and broken once; a new one begins anew."""
    if target.target_at != clock.target_at:
        clock.warned_at = clock.breached_at = None
    clock.state = "paused" if clock.state == "paused" else "running"
    clock.target_at, clock.warn_at, clock.goal, clock.used = (
        target.target_at,
        target.warn_at,
        target.goal,
        target.used,
    )
    clock.spans = [[begin.isoformat(), end.isoformat()] for begin, end in target.spans]
    clock.running_since, clock.reasons, clock.revision = target.running_since, target.reasons, clock.revision + 1
    clock.due_at = _due(clock, now)


def _due(clock: Clock, now: datetime) -> datetime | None:
    if clock.target_at is None or clock.breached_at:
        return None
    warns = clock.warn_at is not None and clock.warned_at is None and now < clock.target_at
    return clock.warn_at if warns else clock.target_at


def _place_all(uow: UnitOfWork, changed: Iterable[Clock]) -> None:
    names: dict[int, list[str]] = {}
    for clock in changed:
        names.setdefault(clock.ticket_id, []).append(clock.name)
    running = select(Clock.ticket_id, func.min(Clock.target_at)).where(
        Clock.ticket_id.in_(names), Clock.state == "running", Clock.target_at.is_not(None)
    )
    nearest = dict(uow.session.execute(running.group_by(Clock.ticket_id)).all())
    query = select(Ticket).where(Ticket.id.in_(names)).order_by(Ticket.id).with_for_update()
    for ticket in uow.session.scalars(query.execution_options(populate_existing=True)):
        before = ticket.target_at
        place_at(uow, ticket, nearest.get(ticket.id))
        if ticket.target_at != before:
            target = target_of(ticket.target_at)
            said = target.isoformat() if target else None
            uow.record(SlaTargetSet(ticket_id=ticket.id, clocks=sorted(names[ticket.id]), target=said))


def start(
    uow: UnitOfWork,
    ticket_id: int,
    name: str,
    target_at: datetime | None = None,
    warn_at: datetime | None = None,
    reasons: dict[str, Any] | None = None,
) -> None:
    """Start a ticket's clock; one that is under way goes on. ``target_at`` is its target, set in the same commit, else
    that is to be set soon.
    """
    with uow.writing() as session:
        act(uow, ticket_id, name, "start")
        session.flush()
        query = select(Clock).where(Clock.ticket_id == ticket_id, Clock.name == name, Clock.state.in_(UNDER_WAY))
        clock = session.scalars(query.execution_options(populate_existing=True)).first()
        if clock is None or target_at is None:
            return
        goal = max(0, round((target_at - clock.started_at).total_seconds()))
        begun: dict[str, Any] = {"goal": goal, "reasons": reasons or {}}
        begun["running_since"] = clock.running_since or clock.started_at
        _set(clock, Target(clock.id, clock.revision, target_at, warn_at, **begun), uow.clock())
        session.flush()
        _place_all(uow, [clock])


def act(uow: UnitOfWork, ticket_id: int, name: str, what: str) -> None:
    """Start, pause, resume, meet or cancel a ticket's clock by hand; what does not fit its state changes nothing."""
    ticket = visible_ticket(uow, ticket_id, "tickets.write")
    if name not in uow.runtime.clocks:
        raise NotFound(_("There is no clock named %(name)s."), name=name)
    simulated.refuse(ticket)
    with uow.writing() as session:
        ticket = session.get_one(Ticket, ticket.id, with_for_update=True, populate_existing=True)
        clocks.act(uow, ticket.id, name, what)
        place(uow, ticket)
