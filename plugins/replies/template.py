"""Fills the places of a saved reply: ``{{customer.name}}``, or ``{{customer.name|friend}}`` with words for when it is
not known.

A place is looked up by its whole name in a flat mapping of strings. There are no expressions, attributes or calls, and
what was filled in is not read again, so a customer who writes ``{{agent.email}}`` is quoted with these very characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 20_000
MOST_PLACES = 100
NAME = r"[^\W\d_]\w*(?:[.\u200c ]\w+)*"  # one word or several with dots, spaces or half-spaces between, in any alphabet
PLACE = re.compile(r"\{\{[ \t]*(?P<name>" + NAME + r")[ \t]*(?:\|(?P<otherwise>[^{}\n]*))?\}\}")
BRACES = re.compile(r"\{\{|\}\}")


class BadTemplate(ValueError):
    """A text that cannot be saved; ``at`` is the position of the trouble, -1 when it is the text as a whole."""

    def __init__(self, reason: str, at: int = -1):
        super().__init__(reason)
        self.at = at


@dataclass(frozen=True)
class Filled:
    """``text`` with its places filled. ``missing`` are the names without a value, in order; their places stay as
    they were written.
    """

    text: str
    missing: tuple[str, ...]


def fill(template: str, values: Mapping[str, str]) -> Filled:
    """The text for one ticket. A value that is empty counts as not known."""
    missing: dict[str, None] = {}

    def value(place: re.Match) -> str:
        name, otherwise = place["name"], place["otherwise"]
        found = values.get(name) or (otherwise or "").strip()
        if not found:
            missing[name] = None
        return found or place[0]

    return Filled(PLACE.sub(value, template), tuple(missing))


def names(template: str) -> tuple[str, ...]:
    """The names of all places, each once, in order."""
    return tuple(dict.fromkeys(place["name"] for place in PLACE.finditer(template)))


def check(template: str, known: Iterable[str]) -> None:
    """BadTemplate when the text is too long, has too many or unclosed places, or a place that no variable fills."""
    if len(template) > MOST_CHARACTERS:
        raise BadTemplate("too long")
    places = list(PLACE.finditer(template))
    if len(places) > MOST_PLACES:
        raise BadTemplate("too many places", places[MOST_PLACES].start())
    stray = BRACES.search(PLACE.sub(lambda place: " " * len(place[0]), template))
    if stray:
        raise BadTemplate("not closed", stray.start())
    known = frozenset(known)
    for place in places:
        if place["name"] not in known:
            raise BadTemplate(place["name"], place.start())
