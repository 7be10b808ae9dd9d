"""Whether a condition is true of a turn."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..language.model import Comparison, Condition, Limit, When
from ..matching.normalise import Normal
from ..matching.reading import Act
from .run import Run

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Seen:
    """What a reply was found to say and do. Without one, nothing."""

    acts: tuple[Act, ...] = ()
    intents: tuple[tuple[str, int, int], ...] = ()
    over: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    questions: int = 0
    length: int = 0
    since: float = 0.0

    @property
    def names(self) -> frozenset[str]:
        """The acts' names."""
        return frozenset(act.name for act in self.acts)

    @property
    def intended(self) -> frozenset[str]:
        """The intents' names."""
        return frozenset(name for name, _start, _end in self.intents)


def compared(value: float, comparison: Comparison | None) -> bool:
    """True when nothing is asked, too."""
    return comparison is None or _SIGNS[comparison[0]](value, comparison[1])


def holds(when: When, run: Run, seen: Seen) -> bool:
    """True when one of the conditions is."""
    return any(_said(one, seen) and possible(one, run) for one in when)


def possible(condition: Condition, run: Run) -> bool:
    """The part of a condition that no reply can change: where the run stands."""
    return (
        _any(condition.state, (run.state,))
        and set(condition.fact) <= set(run.revealed)
        and not set(condition.no_fact) & set(run.revealed)
        and all(compared(run.meters.get(name, 0), wanted) for name, wanted in condition.meter.items())
        and compared(run.turns, condition.turn)
        and compared(run.stay, condition.stay)
    )


def _said(condition: Condition, seen: Seen) -> bool:
    names, intended = seen.names, seen.intended
    return (
        _any(condition.act, names)
        and set(condition.all_acts) <= names
        and not set(condition.no_act) & names
        and _any(condition.intent, intended)
        and not set(condition.no_intent) & intended
        and _any(condition.action, seen.actions)
        and (not condition.over or bool(seen.over if "*" in condition.over else set(condition.over) & set(seen.over)))
        and compared(seen.questions, condition.questions)
        and compared(seen.length, condition.length)
        and compared(seen.since, condition.since)
    )


def _any(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(found)


def is_over(limit: Limit, text: Normal, lang: str) -> bool:
    """True when a number beside one of the limit's phrases is above its maximum."""
    words = text.words
    numbers = [(index, float(word)) for index, word in enumerate(words) if _is_number(word)]
    most = limit.max[lang]
    if not any(number > most for _index, number in numbers):
        return False
    for phrase in limit.words.get(lang, ()):
        for start, end in phrase.find_all(text):
            inside = [i for i, place in enumerate(text.places) if place[0] < end and start < place[1]]
            near = range(inside[0] - limit.within, inside[-1] + limit.within + 1)
            if any(index in near and number > most for index, number in numbers):
                return True
    return False


def _is_number(word: str) -> bool:
    return word[:1].isdigit() and word.replace(".", "", 1).isdecimal() and len(word) <= 15
