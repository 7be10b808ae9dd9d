"""A ticket's clocks in the database: started, paused and ended in the commit that causes it, with the target left to
whoever sets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select, update

from helpdesk.core.database.rows import add_many
from helpdesk.core.events.sla import SlaBreached, SlaMet
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import Clock
from .states import RUNNING, UNDER_WAY, ClockState, after

TABLE = cast(Table, Clock.__table__)
STATE_COLUMNS = tuple(TABLE.c[name] for name in ClockState.__dataclass_fields__)
UNDER_WAY_QUERY = select(*STATE_COLUMNS).where(TABLE.c.ticket_id == bindparam("ticket"), TABLE.c.state.in_(UNDER_WAY))
KEPT_QUERY = select(TABLE).where(TABLE.c.ticket_id == bindparam("ticket"), TABLE.c.state.in_(UNDER_WAY))
CHANGED = ("ticket_id", "state", "running_since", "spans", "used", "target_at", "due_at", "breached_at", "ended_at")
CHANGE = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in CHANGED} | {"revision": TABLE.c.revision + 1})
)


def begin(uow: UnitOfWork, ticket_id: int, *moments: str) -> None:
    """Start the clocks of a ticket that has none: one statement, none at all when nobody declared a clock. Inside
    ``writing``.
    """
    started, _ended = after(uow.runtime.clocks, (), moments, uow.clock())
    add_many(uow.session, Clock, [_row(ticket_id, clock) for clock in started])


def observe(uow: UnitOfWork, ticket_id: int, *moments: str) -> datetime | None:
    """Let moments (``kinds.MOMENTS``) pass over a ticket's clocks; returns its nearest running target. Inside
    ``writing``.
    """
    if not moments or not uow.runtime.clocks:
        return nearest(uow, ticket_id) if uow.runtime.clocks else None
    before = {clock.name: clock for clock in under_way(uow, ticket_id)}
    standing, ended = after(uow.runtime.clocks, before.values(), moments, uow.clock())
    changed = [clock for clock in (*ended, *standing) if clock != before.get(clock.name)]
    _write(uow, ticket_id, changed)
    for clock in ended:
        _record(uow, ticket_id, clock, before.get(clock.name))
    return min((c.target_at for c in standing if c.state == "running" and c.target_at), default=None)


def under_way(uow: UnitOfWork, ticket_id: int) -> list[ClockState]:
    """The clocks of a ticket that are neither met nor cancelled."""
    uow.session.flush()
    return [_state(row) for row in uow.session.connection().execute(UNDER_WAY_QUERY, {"ticket": ticket_id})]


SHOWN_QUERY = (
    select(TABLE.c.ticket_id, TABLE.c.name, TABLE.c.target_at, TABLE.c.state)
    .where(TABLE.c.ticket_id.in_(bindparam("tickets", expanding=True)), TABLE.c.state.in_(UNDER_WAY))
    .order_by(TABLE.c.id)
)


def shown(uow: UnitOfWork, ticket_ids: list[int]) -> dict[int, list[tuple[str, datetime | None, str]]]:
    """The clocks under way of these tickets, by ticket: (name, target, state). One statement."""
    found: dict[int, list[tuple[str, datetime | None, str]]] = {}
    for ticket_id, *clock in uow.session.connection().execute(SHOWN_QUERY, {"tickets": ticket_ids}):
        found.setdefault(ticket_id, []).append(tuple(clock))
    return found


def nearest(uow: UnitOfWork, ticket_id: int) -> datetime | None:
    """The nearest running target of a ticket."""
    targets = (c.target_at for c in under_way(uow, ticket_id) if c.state == "running" and c.target_at)
    return min(targets, default=None)


def kept(uow: UnitOfWork, ticket_id: int) -> list[dict[str, Any]]:
    """The clocks under way as plain JSON, for ``restore``: what an act that can be undone writes down before it."""
    uow.session.flush()
    rows = uow.session.connection().execute(KEPT_QUERY, {"ticket": ticket_id}).mappings()
    return [{name: _plain(row[name]) for name in ("id", *CHANGED)} for row in rows]


def restore(uow: UnitOfWork, ticket_id: int, before: list[dict[str, Any]]) -> None:
    """Bring clocks back to what ``kept`` wrote down; those started since are cancelled. Inside ``writing``."""
    ids = {clock["id"] for clock in before}
    since = [c.ended("cancelled", uow.clock()) for c in under_way(uow, ticket_id) if c.id not in ids]
    _write(uow, ticket_id, since)
    if before:
        uow.session.connection().execute(CHANGE, [_restored(clock) for clock in before])


def move(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """Hand the clocks under way of one ticket to another, which keeps the earlier target of two of a name. Inside
    ``writing``.
    """
    own = {clock.name: clock for clock in under_way(uow, target_id)}
    for clock in under_way(uow, source_id):
        other, now = own.get(clock.name), uow.clock()
        if other and not _earlier(clock, other):
            _write(uow, source_id, [clock.ended("cancelled", now)])
            continue
        if other:
            _write(uow, target_id, [other.ended("cancelled", now)])
        _write(uow, target_id, [clock])


def act(uow: UnitOfWork, ticket_id: int, name: str, what: str) -> None:
    """One of start, pause, resume, meet, cancel for a clock of this name; what does not fit its state changes nothing.
    Inside ``writing``.
    """
    now, clock = uow.clock(), next((c for c in under_way(uow, ticket_id) if c.name == name), None)
    if clock is None:
        _write(uow, ticket_id, [ClockState(name, "pending", now, now)] if what == "start" else [])
        return
    after_act = {
        "pause": clock.paused(now) if clock.state in RUNNING else clock,
        "resume": clock.resumed(now) if clock.state == "paused" else clock,
        "meet": clock.ended("met", now),
        "cancel": clock.ended("cancelled", now),
    }.get(what, clock)
    if after_act != clock:
        _write(uow, ticket_id, [after_act])
        _record(uow, ticket_id, after_act, clock)


def _earlier(clock: ClockState, other: ClockState) -> bool:
    """True when the first is the one to keep: by its target, else by its start."""
    if clock.target_at and other.target_at:
        return clock.target_at < other.target_at
    return clock.started_at < other.started_at


def _write(uow: UnitOfWork, ticket_id: int, clocks: Iterable[ClockState]) -> None:
    new: list[ClockState] = []
    known: list[ClockState] = []
    for clock in clocks:
        (known if clock.id else new).append(clock)
    add_many(uow.session, Clock, [_row(ticket_id, clock) for clock in new])
    if known:
        uow.session.connection().execute(CHANGE, [_values(ticket_id, clock) for clock in known])


def _row(ticket_id: int, clock: ClockState) -> dict[str, Any]:
    return {name: value for name, value in asdict(clock).items() if name != "id"} | {
        "ticket_id": ticket_id,
        "spans": list(clock.spans),
        "reasons": {},
    }


def _values(ticket_id: int, clock: ClockState) -> dict[str, Any]:
    """What ``CHANGE`` takes. A clock that runs toward a target is looked at again when that is over."""
    due_at = clock.target_at if clock.state == "running" and not clock.breached_at else None
    values = asdict(clock) | {"ticket_id": ticket_id, "spans": list(clock.spans), "due_at": due_at}
    return {"this": clock.id} | {f"new_{name}": values[name] for name in CHANGED}


def _restored(clock: dict[str, Any]) -> dict[str, Any]:
    times = {name: value and datetime.fromisoformat(value) for name, value in clock.items() if name in _TIMES}
    return {"this": clock["id"]} | {f"new_{name}": (clock | times)[name] for name in CHANGED}


_TIMES = ("running_since", "target_at", "due_at", "breached_at", "ended_at")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _state(row: Row[*tuple[Any, ...]]) -> ClockState:
    values = dict(row._mapping)
    return ClockState(**values | {"spans": tuple(tuple(span) for span in values["spans"])})


def _record(uow: UnitOfWork, ticket_id: int, clock: ClockState, before: ClockState | None) -> None:
    """An end that came too late was a breach, also when the desk had not noticed yet."""
    if clock.breached_at and not (before and before.breached_at):
        uow.record(SlaBreached(ticket_id=ticket_id, clock=clock.name, target=clock.breached_at.isoformat()))
    if clock.state == "met":
        uow.record(SlaMet(ticket_id=ticket_id, clock=clock.name, late=clock.breached_at is not None))
