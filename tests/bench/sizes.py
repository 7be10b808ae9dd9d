"""How much each part measures: a minute's proof that all works, what ``make bench`` does, and everything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """In so many ``rounds`` so many ``mails`` are brought in; ``tickets`` of the desks that are measured; ``people``
    and ``outside`` who listen to so many ``changes``; ``messages`` of the desk that is upgraded; webhooks are
    ``pushing`` for so many seconds.
    """

    rounds: int
    mails: int
    tickets: tuple[int, ...]
    requests: int
    seconds: float
    floor: int
    people: int
    outside: int
    changes: int
    messages: int
    pushing: float


TINY = Size(
    rounds=1,
    mails=30,
    tickets=(600,),
    requests=2,
    seconds=0.5,
    floor=400,
    people=12,
    outside=3,
    changes=1,
    messages=500,
    pushing=2.0,
)
USUAL = Size(
    rounds=3,
    mails=1000,
    tickets=(100_000,),
    requests=20,
    seconds=4.0,
    floor=5000,
    people=1000,
    outside=100,
    changes=12,
    messages=200_000,
    pushing=60.0,
)
FULL = Size(
    rounds=5,
    mails=1000,
    tickets=(100_000, 1_000_000),
    requests=40,
    seconds=8.0,
    floor=5000,
    people=1000,
    outside=100,
    changes=30,
    messages=1_000_000,
    pushing=60.0,
)
