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
class Part:
    """A piece of a filled text: as it was written (``kind`` ""), a "value", or a place that is "missing", with its
    ``name``.
    """

    text: str
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Filled:
    """A text with its places filled; places without a value stay as they were written."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All parts together."""
        return "".join(part.text for part in self.parts)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names without a value, each once, in order."""
        return tuple(dict.fromkeys(part.name for part in self.parts if part.kind == "missing"))


def fill(template: str, values: Mapping[str, str]) -> Filled:
    """The text for one ticket. A value that is empty counts as not known."""
    parts, end = [], 0
    for place in PLACE.finditer(template):
        found = values.get(place["name"]) or (place["otherwise"] or "").strip()
        parts += [
            Part(template[end : place.start()]),
            Part(found or place[0], "value" if found else "missing", place["name"]),
        ]
        end = place.end()
    return Filled((*parts, Part(template[end:])))


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
