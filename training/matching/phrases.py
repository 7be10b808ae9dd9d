"""Phrases that trainers and lexicons write, compiled to RE2, whose time is linear in the text whatever they wrote.

The syntax: words in order; ``word*`` and ``*word`` for any ending or beginning; ``…`` (or ``...``) for up to three
words between; ``#`` for a number; ``(a|b c)`` for one of several, ``(a)?`` for what may be absent. A comma may stand
between two words, the end of a sentence may not. Both sides are compared in their normal form. A lexicon may name a
set of words and write ``@name`` for any of them, and ``*`` alone for any word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2
from rapidfuzz.distance import OSA

from helpdesk.api.errors import Invalid, _

from .normalise import Normal, normalise

LONGEST, MOST_WORDS = 160, 24  # characters and words of one phrase
MOST_MEMORY = 1 << 26  # bytes of the states of many phrases as one, so that none falls back to the slow way
TYPO = 5  # letters a word has at least, for one of them to be wrong
_STAR = "\ua66e"  # a letter nobody types stands for * while the words around it are normalised
_PIECE = re.compile(r"\.\.\.|…|[()|#]|\)\?|\?|@[a-z_]*|[^()|#?…@]+?(?=\.\.\.|…|[()|#?@]|$)")
_GAP, _NUMBER = r"(?: [^ .!?]+){0,3}", r" [0-9][^ ]*"
_COMMA = "(?: ,)?"


@dataclass(frozen=True)
class Phrase:
    """One phrase, or several as one; ``find`` says where in a normal text."""

    pattern: Any
    single: str = ""  # the word, when it is one literal word

    def find(self, text: Normal) -> tuple[int, int] | None:
        """The first place in the original text, or None. One letter of a longer single word may be wrong."""
        found = self.pattern.search(text.text)
        if found:
            return text.original(found.start(), found.end() - 1)
        return self._misspelt(text) if len(self.single) >= TYPO else None

    def find_all(self, text: Normal) -> list[tuple[int, int]]:
        """Every place in the original text, in order."""
        return [text.original(*span) for span in self.spans(text.text)]

    def spans(self, normal: str) -> list[tuple[int, int]]:
        """Every place in the normal text itself, in order; one may begin with the space that ends the one before."""
        places, at = [], 0
        while found := self.pattern.search(normal, at):
            at = found.end() - 1
            places.append((found.start(), at))
        return places

    def _misspelt(self, text: Normal) -> tuple[int, int] | None:
        for word, place in zip(text.words, text.places, strict=True):
            if len(word) >= TYPO and word[0] == self.single[0]:
                if OSA.distance(word, self.single, score_cutoff=1) <= 1:
                    return place
        return None


@lru_cache(maxsize=4096)
def phrase(text: str) -> Phrase:
    """Compile one phrase. Invalid with a sentence for what is none."""
    if len(text) > LONGEST:
        raise Invalid(_("A phrase can have %(most)s characters."), most=LONGEST)
    source = _compiled(text)
    words = normalise(text, "en").words
    return Phrase(_re2(source), words[0] if len(words) == 1 and source == f" {re2.escape(words[0])}" else "")


def one_of(texts: Sequence[str], sets: Mapping[str, str] | None = None) -> Phrase:
    """Several phrases as one pattern: true where any of them is. ``sets`` comes from ``word_sets``."""
    return Phrase(_re2("|".join(_compiled(text, sets) for text in texts), MOST_MEMORY))


def word_sets(sets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What ``@name`` stands for in ``one_of``; a set may use those before it."""
    made: dict[str, str] = {}
    for name, texts in sets.items():
        made[name] = f"(?:{'|'.join(_compiled(text, made) for text in texts)})"
    return made


def _re2(source: str, memory: int = 1 << 22) -> Any:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    try:
        return re2.compile(f"(?:{source}) ", options)
    except re2.error:
        raise Invalid(_("This phrase is too large.")) from None


def _compiled(text: str, sets: Mapping[str, str] | None = None) -> str:
    """The pattern of a phrase, with one space before every word."""
    branches: list[list[list[str]]] = [[[]]]  # open groups; their branches; the items of each
    words = 0
    for piece in _pieces(text):
        if piece == "(":
            if len(branches) > 3:
                raise Invalid(_("Brackets in a phrase can stand three deep: %(phrase)s"), phrase=text)
            branches.append([[]])
        elif piece == "|":
            branches[-1].append([])
        elif piece in (")", ")?"):
            if len(branches) == 1:
                raise Invalid(_("A bracket is closed that was not opened: %(phrase)s"), phrase=text)
            group = "|".join(_COMMA.join(items) for items in branches.pop() if items)
            if group:
                branches[-1][-1].append(f"(?:{group})" + piece[1:])
        else:
            named = sets is not None and piece[0] == "@" and sets.get(piece[1:])
            items = [named] if named else _items(piece, text, lone=sets is not None)
            words += len(items)
            branches[-1][-1] += items
    if len(branches) > 1:
        raise Invalid(_("A bracket is not closed: %(phrase)s"), phrase=text)
    whole = "|".join(_COMMA.join(items) for items in branches[0] if items)
    too_many = words > MOST_WORDS and sets is None  # a lexicon is not bounded
    if not words or too_many or all(item == _GAP for branch in branches[0] for item in branch):
        raise Invalid(_("A phrase needs 1 to %(most)s words: %(phrase)s"), phrase=text, most=MOST_WORDS)
    return f"(?:{whole})" if len(branches[0]) > 1 else whole


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for found in _PIECE.finditer(text):
        if found[0] == "?":
            if not pieces or pieces[-1] != ")":
                raise Invalid(_("A question mark in a phrase stands behind a bracket: %(phrase)s"), phrase=text)
            pieces[-1] = ")?"
        else:
            pieces.append(found[0])
    return pieces


def _items(piece: str, text: str, lone: bool = False) -> list[str]:
    if piece in ("…", "..."):
        return [_GAP]
    if piece == "#":
        return [_NUMBER]
    words = normalise(piece.replace("*", _STAR), "en").words
    if any((word == _STAR and not lone) or _STAR in word[1:-1] for word in words):
        raise Invalid(_("A star in a phrase begins or ends a word: %(phrase)s"), phrase=text)
    return [" " + ("[^ ]+" if word == _STAR else re2.escape(word).replace(_STAR, "[^ ]*")) for word in words]


@dataclass(frozen=True)
class Intent:
    """What a scenario's author looks for besides acts."""

    any: tuple[Phrase, ...] = ()
    all: tuple[Phrase, ...] = ()
    none: tuple[Phrase, ...] = ()
    near: tuple[Phrase, ...] = ()
    within: int = 0

    def find(self, text: Normal) -> tuple[int, int] | None:
        """The span of the original text that shows it, or None."""
        if any(phrase.find(text) for phrase in self.none):
            return None
        spans = [phrase.find(text) for phrase in self.all]
        if self.any:
            spans.append(next(filter(None, (phrase.find(text) for phrase in self.any)), None))
        if self.near:
            spans.append(_near(self.near, self.within, text))
        if not spans or None in spans:
            return None
        found = [span for span in spans if span]
        return min(start for start, _end in found), max(end for _start, end in found)


def _near(phrases: Sequence[Phrase], within: int, text: Normal) -> tuple[int, int] | None:
    """The smallest span that has one of each, when no more than ``within`` words lie between its ends."""
    marked = sorted((span, which) for which, one in enumerate(phrases) for span in one.find_all(text))
    last: dict[int, tuple[int, int]] = {}
    best: tuple[int, int] | None = None
    for span, which in marked:
        last[which] = span
        if len(last) == len(phrases):
            whole = min(start for start, _end in last.values()), max(end for _start, end in last.values())
            if best is None or whole[1] - whole[0] < best[1] - best[0]:
                best = whole
    if best and sum(best[0] <= place[0] and place[1] <= best[1] for place in text.places) <= within + len(phrases):
        return best
    return None
