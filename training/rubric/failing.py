"""What fails a conversation by itself: an insult, a promise beyond the limits, data told before the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..language.model import Scenario
from ..matching import normalise
from .conversation import CUSTOMER, Message
from .features import Features

SURE = 0.85  # of the reading, at least


@dataclass(frozen=True)
class Autofail:
    """Which of the three, and the words that did it."""

    code: str
    message: int
    start: int
    end: int


def autofails(
    conversation: Sequence[Message], seen: Mapping[int, Features], lang: str, scenario: Scenario | None
) -> list[Autofail]:
    """Every one, in order."""
    found = [
        Autofail(code, number, *places[0])
        for number, one in seen.items()
        for code in ("insult", "overpromise")
        if (places := one.places.get(code)) and one.confidence >= SURE
    ]
    told = list(_disclosures(conversation, seen, lang, scenario)) if scenario else []
    return sorted([*found, *told], key=lambda one: (one.message, one.start))


def _disclosures(
    conversation: Sequence[Message], seen: Mapping[int, Features], lang: str, scenario: Scenario
) -> Iterator[Autofail]:
    """Facts that ask for a proof, told by the agent before one was asked for and before the customer named them."""
    kept = {name: fact.words.get(lang, ()) for name, fact in scenario.facts.items() if fact.verify}
    for number, message in enumerate(conversation):
        normal = normalise(message.text, lang)
        if number in seen and "verify" in seen[number].places:
            return
        for name, phrases in list(kept.items()):
            span = next(filter(None, (phrase.find(normal) for phrase in phrases)), None)
            if span and message.sender == CUSTOMER:
                del kept[name]
            elif span:
                yield Autofail("disclosure", number, *span)
