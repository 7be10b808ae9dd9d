"""What the automatic measures look at in one reply: numbers between 0 and 1, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..language.model import ACTS
from ..matching import Act, Reader, Reading
from ..matching.lexicon import lexicon
from ..matching.overlap import shared
from ..matching.sentences import sentences

Span = tuple[int, int]
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
_MARKS = re.compile(r"[!؟?]{2,}|!")
SHORT, BRIEF, LONG, VERY_LONG = 5, 12, 35, 70  # words of a reply
SENTENCE = 24  # words of a sentence that is long
STRUCTURE = (
    "short brief long very_long long_sentence questions many_questions number shouting specific very_specific "
    "specific_empathy first_person two_good_acts nothing"
).split()
NAMES = (*ACTS, *STRUCTURE)
GOOD = frozenset("empathy paraphrase ownership next_step promise_time reason alternative offer ask_open".split())
HARM = frozenset("insult blame dismiss handoff template".split())


@dataclass(frozen=True)
class Features:
    """The features of one reply, and where each of its acts stands."""

    values: Mapping[str, float]
    places: Mapping[str, tuple[Span, ...]]
    confidence: float  # of the reading, that of its least sure act


def features(text: str, lang: str, said: str, reader: Reader) -> Features:
    """What one reply to the customer's words shows."""
    reading = reader(text, lang, said)
    places: dict[str, tuple[Span, ...]] = {}
    for act in reading.acts:
        places[act.name] = (*places.get(act.name, ()), (act.start, act.end))
    values = dict.fromkeys(places, 1.0) | _structure(text, lang, said, reading, set(places))
    return Features({name: value for name, value in values.items() if value}, places, _sure(reading.acts))


def _sure(acts: tuple[Act, ...]) -> float:
    return min((act.confidence for act in acts), default=0.8)


def _structure(text: str, lang: str, said: str, reading: Reading, acts: set[str]) -> dict[str, float]:
    words = reading.normal.words
    parts = sentences(reading.normal.text)
    asked = sum(part.asks for part in parts)
    taken = shared(words, said, lang, lexicon(lang))
    return {
        "short": float(len(words) <= SHORT),
        "brief": float(SHORT < len(words) <= BRIEF),
        "long": float(len(words) > LONG),
        "very_long": float(len(words) > VERY_LONG),
        "long_sentence": float(max((part.text.count(" ") for part in parts), default=0) > SENTENCE),
        "questions": float(asked > 0),
        "many_questions": float(asked > 2),
        "number": float(any(word[0].isdigit() for word in words)),
        "shouting": float(bool(_CAPITALS.search(text)) + len(_MARKS.findall(text)) > 2),
        "specific": float(taken >= 1),
        "very_specific": float(taken >= 3),
        "specific_empathy": float(taken >= 1 and "empathy" in acts),
        "first_person": float("ownership" in acts and "next_step" in acts),
        "two_good_acts": float(len(acts & GOOD) >= 2 and not acts & HARM),
        "nothing": float(not acts),
    }
