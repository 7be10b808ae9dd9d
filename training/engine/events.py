"""What happens in a run, one frozen value each, and its JSON. A run's state follows from these alone.

``at`` is seconds since the run began, ``start`` and ``end`` a span of the reply: the evidence.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from helpdesk.api.errors import Invalid, _


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    kind: ClassVar[str]


@dataclass(frozen=True)
class Started(Event):
    """A run began: of which scenario, in which language."""

    kind = "started"
    scenario: str
    hash: str
    lang: str
    seed: int


@dataclass(frozen=True)
class Replied(Event):
    """The agent wrote. ``acts`` are (name, start, end, confidence), ``intents`` (name, start, end)."""

    kind = "replied"
    turn: int
    at: float
    text: str
    actions: tuple[str, ...]
    choice: int
    acts: tuple[tuple[str, int, int, float], ...]
    intents: tuple[tuple[str, int, int], ...]
    over: tuple[str, ...]


@dataclass(frozen=True)
class Waited(Event):
    """Time was looked at without a reply."""

    kind = "waited"
    at: float


@dataclass(frozen=True)
class MeterMoved(Event):
    """A meter changed, by which act, intent, rule, timer, rung or escalation."""

    kind = "meter"
    meter: str
    by: int
    value: int
    because: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class TimerFired(Event):
    """The agent was silent for this long; ``count`` times so far since the last line."""

    kind = "timer"
    timer: int
    count: int
    at: float


@dataclass(frozen=True)
class RuleMatched(Event):
    """The first rule whose condition was true; of the state, or with "" of those before all states'."""

    kind = "rule"
    state: str
    rule: int


@dataclass(frozen=True)
class Acknowledged(Event):
    """No rule, but a good act that the state answers."""

    kind = "acknowledged"
    act: str


@dataclass(frozen=True)
class FellBack(Event):
    """Neither: this rung of the ladder."""

    kind = "fallback"
    rung: int


@dataclass(frozen=True)
class Revealed(Event):
    """The customer told a fact."""

    kind = "revealed"
    fact: str


@dataclass(frozen=True)
class Moved(Event):
    """Another state."""

    kind = "moved"
    state: str


@dataclass(frozen=True)
class Said(Event):
    """The customer's words. ``place`` is where they stand in the scenario; ``planned`` what stands there, when a model
    phrased it anew.
    """

    kind = "said"
    who: str
    text: str
    place: str
    at: float
    planned: str = ""


@dataclass(frozen=True)
class Coached(Event):
    """A hint for the trainee, after the turn."""

    kind = "coached"
    text: str


@dataclass(frozen=True)
class Offered(Event):
    """Buttons: (number of the rule, label), when free text led nowhere."""

    kind = "offered"
    choices: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Escalated(Event):
    """Somebody else was called for."""

    kind = "escalated"
    escalation: int
    to: str


@dataclass(frozen=True)
class Ended(Event):
    """The conversation is over."""

    kind = "ended"
    name: str
    score: float


KINDS: dict[str, type[Event]] = {cls.kind: cls for cls in Event.__subclasses__()}


def dump(event: Event) -> dict[str, Any]:
    """As plain JSON."""
    return {"kind": event.kind, **_plain(asdict(event))}


def load(given: Any) -> Event:
    """The event in plain JSON. Invalid for what is none; the values are checked where they are replayed."""
    cls = KINDS.get(given.get("kind", "")) if isinstance(given, dict) else None
    names = {field.name for field in fields(cls)} if cls else set()
    if cls is None or set(given) - {"kind"} != names:
        raise Invalid(_("This is not an event of a run."))
    return cls(**{name: _frozen(given[name]) for name in names})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
