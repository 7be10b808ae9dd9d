"""Where in a text the words of a query stand: the passage to show of it, and what to mark there."""

from __future__ import annotations

import re
from functools import lru_cache

from helpdesk.core.text import HALF_SPACE, SAME, UNSEEN, excerpt, search_terms

BEFORE = 25  # characters of a passage in front of its first word

_BETWEEN = f"[{HALF_SPACE}\u00a0\u200b{re.escape(UNSEEN)}]*+"


@lru_cache(maxsize=256)
def finder(query: str) -> re.Pattern[str] | None:
    """A pattern that finds the words of a query however their letters were typed, in time linear in the text; None for
    no word.

    It may miss what search finds by other ways, such as a number with spaces in it. The last word counts as a
    beginning, as in search.
    """
    terms = search_terms(query)
    words = {
        word: number == len(terms)
        for number, (apart, closed) in enumerate(terms, 1)
        for phrase in (*apart, closed)
        for word in phrase.split()
    }
    patterns = [
        _BETWEEN.join(map(_letter, word)) + ("" if last else r"(?!\w)")
        for word, last in sorted(words.items(), reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})", re.IGNORECASE) if patterns else None


def _letter(letter: str) -> str:
    return f"[{re.escape(letter + SAME.get(letter, ''))}]"


def snippet(text: str, query: str, length: int) -> str:
    """One line of a text with the first place where the query's words stand, else its beginning; at most ``length``
    characters.
    """
    words = finder(query)
    place = words.search(text) if words else None
    if not place or place.end() < length // 3:
        return excerpt(text, length)
    start = max(text.rfind(" ", 0, place.start() - BEFORE), text.rfind("\n", 0, place.start()), 0)
    return "…" + excerpt(text[start:], length - 1)
