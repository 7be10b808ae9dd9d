"""Where a run stands: a frozen value, changed only by applying an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch

from ..language.model import Scenario
from . import events

TURNS = 60  # of one run


@dataclass(frozen=True)
class Turn:
    """What the agent did: a text at a second since the beginning, with actions; or the button ``choice`` (from 1).

    ``lines`` are the customer's words as a model phrased them, in order, when the turn is replayed; ``silent`` means
    that only time passed.
    """

    text: str = ""
    at: float = 0.0
    actions: tuple[str, ...] = ()
    choice: int = 0
    silent: bool = False
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A conversation so far. Everything but ``scenario`` follows from ``events``."""

    scenario: Scenario
    lang: str
    seed: int
    state: str
    meters: Mapping[str, int]
    events: tuple[events.Event, ...] = ()
    revealed: tuple[str, ...] = ()
    turns: int = 0
    stay: int = 0  # replies in this state
    rung: int = 0  # of the fallback ladder, the next one
    at: float = 0.0  # of the last reply
    now: float = 0.0  # the last moment anything happened
    fired: Mapping[int, int] = field(default_factory=dict)  # timer: times since the last reply
    counted: frozenset[str] = frozenset()  # acts and intents whose effect was counted
    acknowledged: frozenset[str] = frozenset()  # in this stay
    escalated: frozenset[int] = frozenset()
    used: Mapping[str, int] = field(default_factory=dict)  # place: lines said there
    choices: tuple[tuple[int, str], ...] = ()
    said: str = ""  # the customer's last words
    end: str = ""
    score: float = 0.0


def begun(scenario: Scenario, lang: str, seed: int) -> Run:
    """A run before its first event."""
    meters = {name: meter.start for name, meter in scenario.meters.items()}
    return Run(scenario, lang, seed, scenario.start, meters)


def apply(run: Run, event: events.Event) -> Run:
    """The run after an event."""
    return replace(_changed(event, run), events=(*run.events, event))


@singledispatch
def _changed(event: events.Event, run: Run) -> Run:
    return run


@_changed.register
def _(event: events.Replied, run: Run) -> Run:
    return replace(run, turns=event.turn, stay=run.stay + 1, at=event.at, now=event.at, fired={}, choices=())


@_changed.register
def _(event: events.Waited, run: Run) -> Run:
    return replace(run, now=event.at)


@_changed.register
def _(event: events.MeterMoved, run: Run) -> Run:
    counted = run.counted | {event.because} if event.because.startswith(("act:", "intent:")) else run.counted
    return replace(run, meters={**run.meters, event.meter: event.value}, counted=counted)


@_changed.register
def _(event: events.TimerFired, run: Run) -> Run:
    if event.at <= run.at:  # it was due before the reply that came meanwhile
        return run
    return replace(run, fired={**run.fired, event.timer: event.count})


@_changed.register
def _(event: events.RuleMatched, run: Run) -> Run:
    return replace(run, rung=0)


@_changed.register
def _(event: events.Acknowledged, run: Run) -> Run:
    return replace(run, rung=0, acknowledged=run.acknowledged | {event.act})


@_changed.register
def _(event: events.FellBack, run: Run) -> Run:
    return replace(run, rung=event.rung + 1)


@_changed.register
def _(event: events.Revealed, run: Run) -> Run:
    return replace(run, revealed=(*run.revealed, event.fact))


@_changed.register
def _(event: events.Moved, run: Run) -> Run:
    return replace(run, state=event.state, stay=0, acknowledged=frozenset(), rung=0)


@_changed.register
def _(event: events.Said, run: Run) -> Run:
    used = {**run.used, event.place: run.used.get(event.place, 0) + 1}
    return replace(run, used=used, said=event.text)


@_changed.register
def _(event: events.Offered, run: Run) -> Run:
    return replace(run, choices=event.choices)


@_changed.register
def _(event: events.Escalated, run: Run) -> Run:
    return replace(run, escalated=run.escalated | {event.escalation})


@_changed.register
def _(event: events.Ended, run: Run) -> Run:
    return replace(run, end=event.name, score=event.score)
