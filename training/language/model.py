"""A scenario as the engine runs it: frozen values, nothing of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..matching.phrases import Intent, Phrase
from .source import Path

LANGS = ("fa", "en")
ACTS = tuple(
    "greeting introduce thanks empathy apology ask_open ask_closed verify paraphrase ownership next_step promise_time "
    "overpromise offer alternative refuse reason private handoff blame dismiss insult template boundary "
    "warning closing".split()
)
HARMFUL = ("insult", "blame", "dismiss")
DIMENSIONS = tuple(
    "greeting empathy listening clarity ownership resolution expectation negotiation compliance timing tone".split()
)
CHANNELS = ("chat", "mail", "phone", "public", "counter")
BOTS = ("ideal", "polite-empty", "robotic-template", "rude")

Text = Mapping[str, str]  # {"fa": …, "en": …}; a language may be missing, which lint finds
Lines = Mapping[str, tuple[str, ...]]  # the same with variants
Effect = Mapping[str, int]  # meter: change
Comparison = tuple[str, float]  # ("<=", 6)


def _nothing() -> Any:
    return field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What must be true of a turn, all of it; an empty tuple asks nothing."""

    act: tuple[str, ...] = ()
    all_acts: tuple[str, ...] = ()
    no_act: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    no_intent: tuple[str, ...] = ()
    fact: tuple[str, ...] = ()
    no_fact: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    over: tuple[str, ...] = ()  # names of limits; ("*",) for any
    meter: Mapping[str, Comparison] = _nothing()
    turn: Comparison | None = None
    stay: Comparison | None = None
    since: Comparison | None = None
    questions: Comparison | None = None
    length: Comparison | None = None


When = tuple[Condition, ...]  # one of them is enough


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What the customer does about a reply for which ``when`` is true."""

    when: When
    say: Lines = _nothing()
    reveal: tuple[str, ...] = ()
    goto: str = ""
    effect: Effect = _nothing()
    coach: Text = _nothing()
    choice: Text = _nothing()


@dataclass(frozen=True, kw_only=True)
class State:
    """Where the conversation is."""

    say: Lines = _nothing()
    who: str = ""
    rules: tuple[Rule, ...] = ()
    acknowledge: Mapping[str, Lines] = _nothing()
    bots: Mapping[str, Lines] = _nothing()


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Who speaks."""

    name: Text
    about: Text = _nothing()
    style: tuple[str, ...] = ()
    channel: str = "chat"
    loyalty: str = ""


@dataclass(frozen=True, kw_only=True)
class Meter:
    """A number from 0 to 10."""

    start: int
    show: bool = False
    label: Text = _nothing()


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What the customer knows. ``words`` are the phrases that give it away."""

    text: Text
    hidden: bool = False
    verify: bool = False
    words: Mapping[str, tuple[Phrase, ...]] = _nothing()


@dataclass(frozen=True, kw_only=True)
class ActEffect:
    """What an act or intent does to meters; once in a run unless ``repeat``."""

    change: Effect
    repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Timer:
    """What silence does: ``after`` seconds since the last line, up to ``times`` times."""

    after: int
    times: int = 1
    states: tuple[str, ...] = ()
    effect: Effect = _nothing()
    say: Lines = _nothing()
    goto: str = ""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much may be offered: a number within ``within`` words of a phrase is an offer."""

    max: Mapping[str, float]
    words: Mapping[str, tuple[Phrase, ...]]
    within: int = 3


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the fallback ladder."""

    say: Lines
    effect: Effect = _nothing()
    goto: str = ""


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Somebody else is called for, once in a run."""

    when: When
    to: str
    say: Lines = _nothing()
    effect: Effect = _nothing()
    goto: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How the conversation may end. ``score`` is 0..1."""

    name: str
    when: When
    score: float = 0.0
    title: Text = _nothing()
    say: Lines = _nothing()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply of an embedded test: a text, or the button ``choice`` (from 1), ``after`` seconds of silence."""

    text: str = ""
    after: int = 20
    actions: tuple[str, ...] = ()
    choice: int = 0


@dataclass(frozen=True, kw_only=True)
class Test:
    """A conversation whose outcome the author promises."""

    name: str
    lang: str
    replies: tuple[Reply, ...]
    end: str | None = None
    state: str = ""
    seed: int = 1
    reveals: tuple[str, ...] = ()
    meters: Mapping[str, Comparison] = _nothing()
    min: Mapping[str, int] = _nothing()


@dataclass(frozen=True, kw_only=True)
class Expect:
    """What the rubric looks for in the whole run."""

    must_say: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    state: Mapping[str, Any] = _nothing()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One role-play. ``hash`` names its exact text; ``lines`` says in which line a path into it stands."""

    id: str
    version: int
    title: Text
    brief: Text
    persona: Persona
    meters: Mapping[str, Meter]
    start: str
    states: Mapping[str, State]
    fallback: tuple[Rung, ...]
    endings: tuple[Ending, ...]
    policy: Text = _nothing()
    notes: Text = _nothing()  # for the trainer
    rules: tuple[Rule, ...] = ()  # tried before those of the state, wherever the run stands
    acknowledge: Mapping[str, Lines] = _nothing()  # where the state has no line of its own
    level: int = 1
    minutes: int = 10
    dims: tuple[str, ...] = ()
    cast: Mapping[str, Persona] = _nothing()
    facts: Mapping[str, Fact] = _nothing()
    effects: Mapping[str, ActEffect] = _nothing()
    timers: tuple[Timer, ...] = ()
    limits: Mapping[str, Limit] = _nothing()
    intents: Mapping[str, Intent] = _nothing()
    escalations: tuple[Escalation, ...] = ()
    expect: Expect = Expect()
    tests: tuple[Test, ...] = ()
    hash: str = ""
    lines: Mapping[Path, int] = field(default_factory=dict, repr=False, compare=False)

    def line(self, *path: str | int) -> int:
        """The line of the longest part of a path that the text has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)
