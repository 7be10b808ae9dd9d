"""The automatic levels of a conversation: per dimension a level, how sure it is, and the words that show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..engine import Run
from ..language.model import Scenario
from ..matching import Reader, read
from .conversation import CUSTOMER, Message, of_run
from .definition import Dimension, Rubric, core
from .failing import Autofail, autofails
from .features import Features, features
from .waiting import timing

SAID = 1000  # characters of the customer's words that a reply answers
SHOWN = 4  # places and reasons shown of a dimension
LOWEST = {"tone": 0.35, "compliance": 0.6}  # how much the worst reply counts beside the mean


@dataclass(frozen=True)
class Evidence:
    """Words of one message that show something."""

    message: int
    start: int
    end: int
    shows: str


@dataclass(frozen=True)
class Rating:
    """A level 0..4, or None without occasion; ``sure`` is false where a reviewer should look."""

    level: int | None
    confidence: float = 0.0
    sure: bool = False
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[tuple[str, float], ...] = ()  # what a reply shows, and what it does to the level


@dataclass(frozen=True)
class Scorecard:
    """All ratings; ``total`` from 0 to 1; a conversation with an automatic fail is failed whatever its total."""

    ratings: Mapping[str, Rating]
    autofails: tuple[Autofail, ...]
    total: float | None

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "result": "failed" if self.autofails else "scored",
            "total": self.total,
            "ratings": {name: asdict(rating) for name, rating in self.ratings.items()},
            "autofails": [asdict(one) for one in self.autofails],
        }


@dataclass(frozen=True)
class _Reply:
    """One reply of the agent: which message it is, whether the first, and what it shows."""

    message: int
    first: bool
    seen: Features


def score(
    conversation: Sequence[Message], lang: str, scenario: Scenario | None = None, reader: Reader = read
) -> Scorecard:
    """Judge the agent's messages in "fa" or "en"; the scenario's facts and channel, where there is one, count too."""
    rubric = core()
    replies = list(_replies(conversation, lang, reader))
    ratings = {name: _rating(dim, replies) for name, dim in rubric.dimensions.items()}
    late = timing(conversation, scenario)
    if late is not None:
        ratings["timing"] = Rating(late, 0.9, True)
    failed = autofails(conversation, {one.message: one.seen for one in replies}, lang, scenario)
    return Scorecard(ratings, tuple(failed), _total(rubric, ratings))


def levels(run: Run) -> dict[str, int]:
    """The levels of a practice run, by dimension, where there was occasion."""
    card = score(of_run(run), run.lang, run.scenario)
    return {name: rating.level for name, rating in card.ratings.items() if rating.level is not None}


def _replies(conversation: Sequence[Message], lang: str, reader: Reader) -> Iterator[_Reply]:
    said: list[str] = []
    first = True
    for number, message in enumerate(conversation):
        if message.sender == CUSTOMER:
            said.append(message.text)
        elif message.text.strip():
            yield _Reply(number, first, features(message.text, lang, " ".join(said)[-SAID:], reader))
            said, first = [], False


def _judged(dim: Dimension, reply: _Reply) -> bool:
    if not dim.occasion or (reply.first and "first" in dim.occasion):
        return True
    return bool(dim.occasion & reply.seen.places.keys())


def value(dim: Dimension, seen: Features) -> float:
    """The level of one reply before it is rounded."""
    if dim.measure is None:
        return 0.0
    raw = dim.measure.constant + sum(dim.measure.weights.get(name, 0.0) * n for name, n in seen.values.items())
    return min(4.0, max(0.0, raw))


def confidence(dim: Dimension, seen: Features) -> float:
    """How far one reply's level can be trusted: the measure's own trust, less where the value lies between levels."""
    if dim.measure is None:
        return 0.0
    raw = value(dim, seen)
    return round(dim.measure.trust * (1 - 0.6 * abs(raw - round(raw))) * (0.5 + 0.5 * seen.confidence), 3)


def _rating(dim: Dimension, replies: Sequence[_Reply]) -> Rating:
    judged = [reply for reply in replies if _judged(dim, reply)]
    if not judged or dim.measure is None:
        return Rating(None)
    values = [value(dim, reply.seen) for reply in judged]
    worst = LOWEST.get(dim.name, 0.0)
    level = round((1 - worst) * sum(values) / len(values) + worst * min(values))
    trusted = round(sum(confidence(dim, reply.seen) for reply in judged) / len(judged), 3)
    evidence, reasons = _shown(dim, judged)
    return Rating(level, trusted, trusted >= dim.sure, evidence, reasons)


def _shown(dim: Dimension, judged: Sequence[_Reply]) -> tuple[tuple[Evidence, ...], tuple[tuple[str, float], ...]]:
    """The places and reasons that count most."""
    weights = dim.measure.weights if dim.measure else {}
    counted = sorted({name for reply in judged for name in reply.seen.values if weights.get(name)})
    strongest = sorted(counted, key=lambda name: -abs(weights[name]))
    places = [
        Evidence(reply.message, start, end, name)
        for name in strongest
        for reply in judged
        for start, end in reply.seen.places.get(name, ())[:1]
    ]
    return tuple(places[:SHOWN]), tuple((name, weights[name]) for name in strongest[:SHOWN])


def _total(rubric: Rubric, ratings: Mapping[str, Rating]) -> float | None:
    given = {name: rating.level for name, rating in ratings.items() if rating.level is not None}
    weight = sum(rubric.dimensions[name].weight for name in given)
    if not weight:
        return None
    return round(sum(rubric.dimensions[name].weight * level / 4 for name, level in given.items()) / weight, 3)
