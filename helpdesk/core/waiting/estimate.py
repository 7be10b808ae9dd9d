"""How long somebody will wait: pure arithmetic over what is known of the line.

Every seat is either free or serves somebody for some time already. How long services take is drawn from recent ones:
what is left of a running one from those that took longer than it has run (the residual life of the sample). Each run of
the simulation lets people be served in order as seats become free (a queue with several servers, first come first
served), all of them a little quicker or slower than usual, since people come, go and have better and worse hours. The
median of the runs is the estimate, the quantiles ``LOW`` and ``HIGH`` its range. The draws are the same each time, so
an estimate changes only when the line does, and who is further back never waits less.
"""

from __future__ import annotations

import random
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from math import exp
from statistics import fmean, pstdev

from helpdesk.core.memo import memo

RUNS = 128
STRIDE = 512  # draws of one run; a longer line uses them again
LOW, HIGH = 0.05, 0.95  # wide enough that four of five waits of a simulated week end within, at every place in the line
PACE = 0.25  # how far whole runs differ, as a share of how far single services do (their coefficient of variation)
LEAST = 5  # recent services without which nothing is said
FURTHEST = 200  # places for which something is said


@dataclass(frozen=True)
class Wait:
    """Seconds until somebody is served: the median and the range in which at least four of five fall."""

    seconds: int
    low: int
    high: int


def waits(
    places: int, running: Sequence[float], free: int, services: Sequence[float], leaving: float = 0.0
) -> list[Wait] | None:
    """The waits of the first ``places`` people of a line, None when not enough is known or nobody serves.

    ``running`` is for how many seconds each taken seat has served somebody, ``free`` the number of free seats,
    ``services`` the seconds that recent services took, ``leaving`` the share of people who leave before they are
    served.
    """
    known = sorted(seconds for seconds in services if seconds > 0)
    if len(known) < LEAST or not running and free < 1:
        return None
    count = min(max(places, 0), FURTHEST)
    columns: list[list[float]] = [[] for _place in range(count)]
    spread = PACE * pstdev(known) / fmean(known)
    for run in range(RUNS):
        pace = exp(spread * _paces()[run])
        for column, start in zip(columns, _starts(run, count, running, free, known, leaving), strict=True):
            column.append(start * pace)
    return [_summary(sorted(column)) for column in columns]


def _starts(
    run: int, count: int, running: Sequence[float], free: int, known: list[float], leaving: float
) -> Iterator[float]:
    """When each in the line is served in one run, in seconds from now."""
    draws, begin = _draws(), run * STRIDE
    seats = [0.0] * free
    for number, seconds in enumerate(running):
        seats.append(_left(seconds, known, draws[begin + STRIDE - 1 - number % STRIDE]))
    heapify(seats)
    for place in range(count):
        start = seats[0]
        yield start
        if draws[begin + (2 * place + 1) % STRIDE] >= leaving:
            heapreplace(seats, start + known[int(draws[begin + 2 * place % STRIDE] * len(known))])


def _left(seconds: float, known: list[float], draw: float) -> float:
    """What is left of a service that has run for so long; of one longer than all known ones, a part of a usual one."""
    first = bisect_right(known, seconds)
    if first == len(known):
        return known[int(draw * len(known))] / 2
    return known[first + int(draw * (len(known) - first))] - seconds


def _summary(starts: list[float]) -> Wait:
    low, middle, high = (starts[int(share * (RUNS - 1))] for share in (LOW, 0.5, HIGH))
    return Wait(round(middle), round(low), round(high))


@memo
def _paces() -> array[float]:
    """One number of a normal distribution for each run."""
    numbers = random.Random(1828)  # noqa: S311
    return array("d", (numbers.gauss(0.0, 1.0) for _run in range(RUNS)))


@memo
def _draws() -> array[float]:
    numbers = random.Random(2718)  # noqa: S311
    return array("d", (numbers.random() for _draw in range(RUNS * STRIDE)))
