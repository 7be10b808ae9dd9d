"""What a moment does to a ticket's clocks: pure functions, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .kinds import ClockKind

RUNNING = ("pending", "running")
UNDER_WAY = (*RUNNING, "paused")


@dataclass(frozen=True)
class ClockState:
    """A clock as it stands. ``pending`` is running with no target yet; ``spans`` are the stretches it ran, not yet in
    ``used``.

    ``id`` 0 is one that is to be written. ``used`` is in seconds of working time, ``spans`` are [from, until] in ISO
    8601.
    """

    name: str
    state: str
    started_at: datetime
    running_since: datetime | None
    id: int = 0
    revision: int = 0
    used: int = 0
    spans: tuple[Any, ...] = ()
    target_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None

    def paused(self, now: datetime) -> ClockState:
        """Stopped for now; its target is gone until it runs again."""
        return replace(self._halted(now), state="paused", target_at=None)

    def resumed(self, now: datetime) -> ClockState:
        """Running again, with a target to be set anew."""
        return replace(self, state="pending", running_since=now)

    def ended(self, state: str, now: datetime) -> ClockState:
        """Met or cancelled. Whoever met it after its target has broken it, also when nobody noticed before."""
        late = state == "met" and self.target_at is not None and now > self.target_at
        breached = self.breached_at or (self.target_at if late else None)
        return replace(self._halted(now), state=state, ended_at=now, breached_at=breached)

    def _halted(self, now: datetime) -> ClockState:
        ran = () if self.running_since is None else ((self.running_since.isoformat(), now.isoformat()),)
        return replace(self, spans=(*self.spans, *ran), running_since=None)


def after(
    kinds: Mapping[str, ClockKind], clocks: Iterable[ClockState], moments: Iterable[str], now: datetime
) -> tuple[list[ClockState], list[ClockState]]:
    """(clocks under way, clocks that ended) once these moments have passed, in their order, over the clocks under way
    before.
    """
    standing, over = {clock.name: clock for clock in clocks}, []
    for moment in moments:
        for kind in kinds.values():
            clock = _after(kind, standing, moment, now)
            if clock is not None and clock.state not in UNDER_WAY:
                over.append(clock)
                del standing[kind.name]
            elif clock is not None:
                standing[kind.name] = clock
    return list(standing.values()), over


def _after(kind: ClockKind, standing: Mapping[str, ClockState], moment: str, now: datetime) -> ClockState | None:
    clock = standing.get(kind.name)
    if clock is None:
        starts = moment in kind.starts and kind.unless not in standing
        return ClockState(kind.name, "pending", now, now) if starts else None
    if moment in kind.meets:
        return clock.ended("met", now)
    if moment in kind.cancels:
        return clock.ended("cancelled", now)
    if moment in kind.pauses and clock.state in RUNNING:
        return clock.paused(now)
    if moment in kind.resumes and clock.state == "paused":
        return clock.resumed(now)
    return clock
