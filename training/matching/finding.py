"""Where the lexicon's phrases stand in a reply, act by act, before one act is weighed against another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .lexicon import Entry
from .sentences import Sentence, sentence_at

SURE, WEAK = 0.9, 0.6
OPENING = 9  # words from the beginning in which an opening phrase starts
ENDING = 2  # sentences from the end in which a closing phrase stands


@dataclass(frozen=True)
class Hit:
    """A place of the normal text that shows an act."""

    name: str
    start: int
    end: int
    confidence: float
    sentence: int


def hits(entry: Entry, normal: str, text: Sequence[Sentence]) -> list[Hit]:
    """Every place where a phrase of the act stands, none of its exceptions covers it and its sentence has no bar."""
    found = [
        Hit(entry.name, start, end, confidence, sentence_at(text, start).number)
        for start, end, confidence in _places(entry, normal, text)
    ]
    if not found:
        return []
    barred = {sentence_at(text, start).number for start, _end in _spans(entry, "unless", normal)}
    covered = _spans(entry, "none", normal)
    return [
        hit
        for hit in found
        if hit.sentence not in barred and not any(hit.start < end and start < hit.end for start, end in covered)
    ]


def _spans(entry: Entry, place: str, normal: str) -> list[tuple[int, int]]:
    return entry.phrases[place].spans(normal) if place in entry.phrases else []


def _places(entry: Entry, normal: str, text: Sequence[Sentence]) -> Iterator[tuple[int, int, float]]:
    yield from ((start, end, SURE) for start, end in _spans(entry, "any", normal))
    for place, asks in (("question", True), ("statement", False)):
        yield from ((s, e, SURE) for s, e in _spans(entry, place, normal) if sentence_at(text, s).asks == asks)
    for start, end in _spans(entry, "first", normal[: text[1].end + 1] if len(text) > 1 else normal):
        if normal.count(" ", 0, start + 1) <= OPENING:
            yield start, end, SURE
    for start, end in _spans(entry, "last", normal):
        if sentence_at(text, start).number >= len(text) - ENDING:
            yield start, end, SURE
    yield from ((start, end, WEAK) for start, end in _spans(entry, "weak", normal))
