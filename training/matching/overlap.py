"""How much of a reply takes up the customer's own words."""

from __future__ import annotations

from functools import lru_cache

from .lexicon import Lexicon
from .normalise import normalise

SHORTEST = 3  # letters of a word that carries matter; numbers always do
STEM = 4  # letters that two forms of one word share from the beginning


def content_words(words: list[str], stop: frozenset[str]) -> set[str]:
    """Words that carry matter, cut to the part that forms of one word share."""
    return {
        word if word[0].isdigit() else word[: max(STEM, len(word) - 2)]
        for word in words
        if (word[0].isdigit() or (len(word) >= SHORTEST and word[0].isalpha())) and word not in stop
    }


@lru_cache(maxsize=256)
def _said(text: str, lang: str, stop: frozenset[str]) -> frozenset[str]:
    return frozenset(content_words(normalise(text, lang).words, stop))


def shared(words: list[str], said: str, lang: str, lexicon: Lexicon) -> int:
    """How many of the words carry matter that the customer named."""
    theirs = _said(said, lang, lexicon.stop) if said else frozenset()
    ours = content_words(words, lexicon.stop)
    return sum(any(_same(one, other) for other in theirs) for one in ours)


def _same(one: str, other: str) -> bool:
    return one == other or (len(one) > STEM and len(other) > STEM and (one.startswith(other) or other.startswith(one)))
