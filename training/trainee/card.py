"""What the rubric says of a finished run: per dimension a level, the trainee's sentence that shows it, and advice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..engine import Run, events
from ..rubric import Rating, core, of_run, score
from ..rubric.definition import Dimension
from . import words
from .sheet import moments_of

_SENTENCES = re.compile(r"[^.!?؟…\n]+[.!?؟…]*")
BEST = 4


@dataclass(frozen=True)
class Quote:
    """A sentence of the trainee's own, and the cell it stands in."""

    text: str
    cell: int


@dataclass(frozen=True)
class Criterion:
    """One dimension. ``level`` is None where there was no occasion or a reviewer is needed, which ``doubt`` says."""

    name: str
    title: str
    level: int | None
    doubt: bool
    quote: Quote | None
    meaning: str
    advice: str


@dataclass(frozen=True)
class Card:
    """All of it; ``percent`` is None for a run in which nothing could be judged."""

    percent: int | None
    criteria: tuple[Criterion, ...]
    fails: tuple[tuple[str, Quote], ...]

    def level(self, name: str) -> int | None:
        """The level of a dimension that is shown."""
        return next((one.level for one in self.criteria if one.name == name), None)


def card_of(run: Run) -> Card:
    """The scorecard of a run."""
    conversation, rubric = of_run(run), core()
    card = score(conversation, run.lang, run.scenario)
    cells = dict(enumerate(_cells(run)))

    def quote(message: int, start: int, end: int) -> Quote:
        return Quote(_sentence(conversation[message].text, start, end), cells[message])

    fails = tuple(
        (words.in_words(rubric.autofails[one.code]), quote(one.message, one.start, one.end)) for one in card.autofails
    )
    criteria = []
    for name, dim in rubric.dimensions.items():
        rating = card.ratings[name]
        shown = next((quote(one.message, one.start, one.end) for one in rating.evidence), None)
        criteria.append(_criterion(dim, rating, shown))
    return Card(None if card.total is None else round(100 * card.total), tuple(criteria), fails)


def _criterion(dim: Dimension, rating: Rating, quote: Quote | None) -> Criterion:
    level = rating.level if rating.sure else None
    meaning = words.in_words(dim.levels[level]) if level is not None else ""
    advice = words.in_words(dim.levels[level + 1]) if level is not None and level < BEST else ""
    doubt = rating.level is not None and not rating.sure
    return Criterion(dim.name, words.in_words(dim.title), level, doubt, quote, meaning, advice)


def _sentence(text: str, start: int, end: int) -> str:
    """The whole sentence around a span."""
    for found in _SENTENCES.finditer(text):
        if found.start() <= start < found.end():
            return text[found.start() : max(end, found.end())].strip()
    return text[start:end]


def _cells(run: Run) -> Iterator[int]:
    """The cell of each message, in the order of ``of_run``."""
    for number, moment in enumerate(moments_of(run.events), 1):
        for event in moment:
            if isinstance(event, events.Said | events.Replied):
                yield number
