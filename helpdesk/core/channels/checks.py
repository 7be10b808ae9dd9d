"""Trying an account's settings: what a channel's ``check`` yields, each with its own outcome, so that one failure
hides no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk.core.errors import HelpdeskError


@dataclass(frozen=True)
class Step:
    """One thing that ``check`` tried: ``label`` says what, ``sentence`` what came of it (``values`` fill its
    places), ``ms`` how long it took.
    """

    sentence: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    ok: bool = True
    label: str = ""
    ms: int = 0


def tried(label: str, act: Callable[[], str | None]) -> Step:
    """The step of doing ``act``: what it returns, or the error it raises. The next steps are tried all the same."""
    try:
        return Step(act() or "", label=label)
    except HelpdeskError as error:
        return Step(error.sentence, error.values, ok=False, label=label)


def timed(check: Callable[[], Iterable[Step]]) -> Iterator[Step]:
    """The steps of a check as they are done, each with its time; an error that leaves the check is its last step."""
    try:
        started = time.monotonic()
        for step in check():
            yield replace(step, ms=round((time.monotonic() - started) * 1000))
            started = time.monotonic()
    except HelpdeskError as error:
        yield Step(error.sentence, error.values, ok=False, ms=round((time.monotonic() - started) * 1000))
