"""The sentences of a normal text, and which of them ask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = frozenset(".!?")
MOST = 200  # sentences told apart; the rest is one


@dataclass(frozen=True)
class Sentence:
    """One sentence: where it stands in the normal text, its words, and whether it ends with a question mark."""

    number: int
    start: int
    text: str  # with one space on both sides, like the whole
    asks: bool

    @property
    def end(self) -> int:
        """The place of the space behind it."""
        return self.start + len(self.text) - 1


def sentences(normal: str) -> list[Sentence]:
    """In order; the closing mark belongs to its sentence."""
    found: list[Sentence] = []
    start = at = 0
    for word in normal.split():
        at += len(word) + 1
        if word in MARKS and len(found) < MOST:
            found.append(Sentence(len(found), start, normal[start : at + 1], word == "?"))
            start = at
    if at > start:
        found.append(Sentence(len(found), start, normal[start : at + 1], False))
    return found


def sentence_at(text: Sequence[Sentence], place: int) -> Sentence:
    """The sentence that a span beginning at ``place`` belongs to."""
    return text[bisect_right(text, place, key=lambda sentence: sentence.start) - 1]
