"""Bulk work in short steps: how long one takes, and how others are let go first between two."""

from __future__ import annotations

import time
from collections.abc import Callable

HOLD = 0.020  # seconds a step may take, and a writer may hold the lock (law 7)
Rest = Callable[[], None]


def nap() -> None:
    """Let others run, whoever they are."""
    time.sleep(0.001)


def give_turn(rest: Rest, since: float) -> float:
    """Rest when ``HOLD`` seconds have passed since then; gives the moment from which the next step counts."""
    if time.monotonic() - since < HOLD:
        return since
    rest()
    return time.monotonic()
