"""A run as its trainee sees it: cells with what was said, the meters that are shown, and what was seen in a reply.

Hidden facts, rules, states and hidden meters have no place in these values, so no page can show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from helpdesk.api.i18n import clock_time, gettext

from ..engine import Run, events
from ..engine.run import TURNS
from ..language.model import Persona, Scenario
from . import words

WIDTH, HEIGHT = 288, 48  # of a chart, in its own units


@dataclass(frozen=True)
class Gauge:
    """One meter after a moment. ``better`` is None when it did not move."""

    name: str
    label: str
    value: int
    by: int
    better: bool | None


@dataclass(frozen=True)
class Line:
    """What somebody said. ``silence`` are the seconds without a reply that made them say it."""

    who: str
    text: str
    silence: float = 0.0


@dataclass(frozen=True)
class Cell:
    """``In [number]`` and ``Out [number]``. ``kind`` is start, reply, choice or wait; ``turn`` 0 for none."""

    number: int
    kind: str
    turn: int
    clock: str
    text: str
    lines: tuple[Line, ...]
    gauges: tuple[Gauge, ...]
    acts: tuple[tuple[str, bool], ...]  # (name for people, does it harm)
    hints: tuple[str, ...]
    escalated: bool = False


@dataclass(frozen=True)
class End:
    """How it ended. ``untold`` is how many hidden things the customer kept to themselves, never which."""

    title: str
    percent: int
    untold: int


@dataclass(frozen=True)
class Sheet:
    """The whole notebook of a run. ``choices`` are labels of buttons, ``left`` the replies that may still be given."""

    title: str
    brief: str
    policy: str
    lang: str
    name: str
    about: str
    channel: str
    cells: tuple[Cell, ...]
    choices: tuple[str, ...]
    left: int
    end: End | None


def sheet_of(run: Run) -> Sheet:
    """What the page of a run shows."""
    scenario, lang = run.scenario, run.lang
    return Sheet(
        title=words.in_words(scenario.title),
        brief=_in(scenario.brief, lang),
        policy=_in(scenario.policy, lang),
        lang=lang,
        name=_in(scenario.persona.name, lang),
        about=_in(scenario.persona.about, lang),
        channel=scenario.persona.channel,
        cells=tuple(_cells(run)),
        choices=tuple(label for _rule, label in run.choices),
        left=TURNS - run.turns,
        end=_end(run),
    )


def _in(text, lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")


def moments_of(recorded: Sequence[events.Event]) -> list[Sequence[events.Event]]:
    """The events of each moment, the start first."""
    marks = [i for i, event in enumerate(recorded) if isinstance(event, events.Replied | events.Waited)]
    return [recorded[first:last] for first, last in pairwise([0, *marks, len(recorded)])]


def _cells(run: Run) -> Iterator[Cell]:
    scenario = run.scenario
    values = {name: meter.start for name, meter in scenario.meters.items() if meter.show}
    for number, moment in enumerate(moments_of(run.events), 1):
        before = dict(values)
        for event in moment:
            if isinstance(event, events.MeterMoved) and event.meter in values:
                values[event.meter] = event.value
        first = moment[0]
        replied = first if isinstance(first, events.Replied) else None
        seen = dict.fromkeys(act[0] for act in replied.acts) if replied and not replied.choice else {}
        yield Cell(
            number=number,
            kind=_kind(first),
            turn=replied.turn if replied else 0,
            clock=clock_time(int(getattr(first, "at", 0.0))),
            text=replied.text if replied else "",
            lines=tuple(_lines(run, moment)),
            gauges=tuple(_gauge(scenario, name, before[name], value) for name, value in values.items()),
            acts=tuple((gettext(words.ACTS[act]), act in words.POOR) for act in seen if act in words.ACTS),
            hints=tuple(event.text for event in moment if isinstance(event, events.Coached)),
            escalated=any(isinstance(event, events.Escalated) for event in moment),
        )


def _kind(first: events.Event) -> str:
    if isinstance(first, events.Replied):
        return "choice" if first.choice else "reply"
    return "wait" if isinstance(first, events.Waited) else "start"


def _lines(run: Run, moment: Sequence[events.Event]) -> Iterator[Line]:
    silence = 0.0
    for event in moment:
        if isinstance(event, events.TimerFired):
            timer = run.scenario.timers[event.timer]
            silence = float(timer.after * event.count)
        elif isinstance(event, events.Said):
            yield Line(_in(_speaker(run.scenario, event.who).name, run.lang), event.text, silence)
            silence = 0.0
        else:
            silence = 0.0 if not isinstance(event, events.MeterMoved) else silence


def _speaker(scenario: Scenario, who: str) -> Persona:
    return scenario.cast.get(who, scenario.persona)


def _gauge(scenario: Scenario, name: str, before: int, value: int) -> Gauge:
    better = None if before == value else (value < before) == words.is_adverse(scenario, name)
    return Gauge(name, words.meter(scenario, name), value, value - before, better)


def _end(run: Run) -> End | None:
    if not run.end:
        return None
    ending = next((one for one in run.scenario.endings if one.name == run.end), None)
    title = words.in_words(ending.title) if ending else gettext(words.ENDINGS.get(run.end, run.end))
    hidden = [name for name, fact in run.scenario.facts.items() if fact.hidden]
    return End(title or run.end, round(100 * run.score), len(set(hidden) - set(run.revealed)))


@dataclass(frozen=True)
class Curve:
    """One meter over the cells as the path of a chart, and where it ends."""

    path: str
    x: float
    y: float


def curve(sheet: Sheet, name: str, slots: int = 0) -> Curve:
    """The curve of a meter in a chart ``WIDTH`` wide that has room for ``slots`` cells, or for those there are."""
    values = [gauge.value for cell in sheet.cells for gauge in cell.gauges if gauge.name == name]
    step = WIDTH / max(1, max(slots, len(values)) - 1)
    points = [(round(index * step, 1), round(HEIGHT - value * HEIGHT / 10, 1)) for index, value in enumerate(values)]
    return Curve("M" + "L".join(f"{x} {y}" for x, y in points), *points[-1])
