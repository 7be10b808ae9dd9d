"""Warnings and breaches: what the desk looks for every few seconds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.core.events.sla import SlaBreached, SlaWarning
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import Clock

AT_ONCE = 20  # clocks in one write


def note_due(uow: UnitOfWork) -> int:
    """Record the warnings and breaches of some clocks whose time has come; how many clocks. Looked at again behind the
    lock, so none twice.
    """
    due = (Clock.due_at.is_not(None), Clock.due_at <= uow.clock())
    ids = list(uow.session.scalars(select(Clock.id).where(*due).order_by(Clock.due_at, Clock.id).limit(AT_ONCE)))
    if not ids:
        return 0
    with uow.writing() as session:
        query = select(Clock).where(Clock.id.in_(ids), *due).order_by(Clock.id).with_for_update()
        clocks = session.scalars(query.execution_options(populate_existing=True)).all()
        for clock in clocks:
            _note(uow, clock)
    return len(clocks)


def _note(uow: UnitOfWork, clock: Clock) -> None:
    target = clock.target_at
    if target is None:
        return
    said: dict[str, Any] = {"ticket_id": clock.ticket_id, "clock": clock.name, "target": target.isoformat()}
    if target <= uow.clock():
        clock.breached_at, clock.due_at = target, None
        uow.record(SlaBreached(**said))
    else:
        clock.warned_at, clock.due_at = uow.clock(), target
        uow.record(SlaWarning(**said))
