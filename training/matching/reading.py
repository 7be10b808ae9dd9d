"""What a reader finds in a reply. The engine takes any function of this shape, so it can be tried with each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .normalise import Normal


@dataclass(frozen=True)
class Act:
    """One thing the reply does, and the span of its text that shows it. ``confidence`` is 0..1."""

    name: str
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True)
class Reading:
    """The normal form of a reply and its acts, in the order of the text."""

    normal: Normal
    acts: tuple[Act, ...] = ()


Reader = Callable[[str, str, str], Reading]  # (the reply, "fa" or "en", the customer's words that it answers)
