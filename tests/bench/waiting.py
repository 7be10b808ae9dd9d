"""A simulated week of chats: how far the estimate that somebody is told when they join is from what they then wait."""

from __future__ import annotations

import math
import random
import statistics
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

from helpdesk.core.waiting.estimate import Wait, waits

from . import sizes

HOUR = 3600.0
OPEN, CLOSE = 9 * HOUR, 18 * HOUR
ARRIVALS = (14, 26, 34, 30, 22, 26, 34, 30, 16)  # an hour from nine o'clock on: two peaks
STAFF = (3, 4, 5, 5, 4, 4, 5, 5, 3)  # people there in each of these hours: somebody is nearly always awaited
MEAN, SPREAD = 7 * 60.0, 0.5  # seconds of a service, and its coefficient of variation
MOOD = (1.15, 1.05, 1.0, 0.95, 1.1, 0.6, 0.5)  # of the days
MOMENTS = {"when they join": 0.0, "half-way": 0.5, "in the last quarter": 0.75}
PLACES = {"first": (1, 1), "2 and 3": (2, 3), "4 to 6": (4, 6), "7 and later": (7, 999)}
PATIENCE = 25 * 60.0  # mean seconds until somebody who waits leaves
RECENT = 200
SHORT = 30.0  # seconds: nobody looks at an estimate of less


@dataclass
class Waited:
    """Somebody who waited: ``looks`` are (when, what they were told then), the first of them when they joined."""

    place: int
    joined: float
    looks: list[tuple[float, Wait]] = field(default_factory=list)
    served: float | None = None

    def told(self, share: float) -> tuple[float, float, float] | None:
        """(most likely, least, most) seconds of waiting altogether, as they were told when this share was over."""
        moment = self.joined + share * ((self.served or self.joined) - self.joined)
        look = max((look for look in self.looks if look[0] <= moment), default=None, key=lambda look: look[0])
        if look is None:
            return None
        over, said = look[0] - self.joined, look[1]
        return over + said.seconds, over + said.low, over + said.high


class Desk:
    """People, a line, and what is known of it: the same that the desk itself knows. ``knowing`` are services that tell
    the true distribution, for comparison.
    """

    def __init__(self, seed: int, knowing: bool = False):
        self.dice = random.Random(seed)
        self.recent: deque[float | None] = deque(maxlen=RECENT)
        self.running: dict[int, float] = {}  # seat: since when it serves
        self.seats = 0
        self.line: list[int] = []
        self.people: dict[int, Waited] = {}
        self.events: list[tuple[float, int, str, int]] = []
        other = random.Random(1)
        self.truth = [service(other) for _service in range(3000)] if knowing else None

    def plan(self, at: float, what: str, who: int) -> None:
        """Let something happen."""
        heappush(self.events, (at, self.dice.getrandbits(60), what, who))

    def day(self, number: int) -> None:
        """One day from opening until the line is empty."""
        for hour, arrivals in enumerate(ARRIVALS):
            begin = OPEN + hour * HOUR
            self.plan(begin, "staff", hour)
            at = begin
            while (at := at + self.dice.expovariate(arrivals * MOOD[number] / HOUR)) < begin + HOUR:
                self.plan(at, "join", self.dice.getrandbits(60))
        while self.events:
            at, _order, what, who = heappop(self.events)
            getattr(self, what)(at, who)
            self._look(at)

    def staff(self, at: float, hour: int) -> None:
        """So many are there from now on; who serves goes when they are done."""
        self.seats = STAFF[hour]
        self._serve(at)

    def join(self, at: float, who: int) -> None:
        """Somebody joins."""
        self.line.append(who)
        self.people[who] = Waited(len(self.line), at)
        self.plan(at + self.dice.expovariate(1 / PATIENCE), "leave", who)
        self._serve(at)

    def leave(self, at: float, who: int) -> None:
        """Somebody has no more patience."""
        if who in self.line:
            self.line.remove(who)
            self.recent.append(None)

    def end(self, at: float, seat: int) -> None:
        """A service is over."""
        self.recent.append(at - self.running.pop(seat))
        self._serve(at)

    def _serve(self, at: float) -> None:
        while self.line and len(self.running) < self.seats:
            who, seat = self.line.pop(0), self.dice.getrandbits(60)
            self.people[who].served = at
            self.running[seat] = at
            self.plan(at + service(self.dice), "end", seat)

    def _look(self, at: float) -> None:
        """Everybody who waits is told anew, as the desk does when the line changes."""
        if not self.line or not self.recent:
            return
        known = self.truth or [seconds for seconds in self.recent if seconds is not None]
        running = sorted(at - since for since in self.running.values())[: self.seats]
        left = sum(seconds is None for seconds in self.recent) / len(self.recent)
        found = waits(len(self.line), running, max(0, self.seats - len(self.running)), known, left)
        for who, said in zip(self.line, found or [], strict=False):
            self.people[who].looks.append((at, said))


def service(dice: random.Random) -> float:
    """How long one takes: lognormal, as handling times of chats and calls are."""
    sigma = math.sqrt(math.log(1 + SPREAD**2))
    return dice.lognormvariate(math.log(MEAN) - sigma**2 / 2, sigma)


def week(seed: int, knowing: bool = False) -> list[Waited]:
    """Everybody of a week who waited for at least ``SHORT`` and was served."""
    desk = Desk(seed, knowing)
    for number in range(7):
        desk.day(number)
    return [one for one in desk.people.values() if one.served is not None and one.served - one.joined >= SHORT]


def shares(people: list[Waited], share: float) -> dict[str, float]:
    """Of those who were told something by then: the shares that were told the truth within a quarter, and whose wait
    lay in the range they were told.
    """
    pairs = [(told, (one.served or 0) - one.joined) for one in people if (told := one.told(share))]
    near = sum(abs(told[0] - waited) <= waited / 4 for told, waited in pairs)
    inside = sum(told[1] <= waited <= told[2] for told, waited in pairs)
    return {"people": len(pairs), "within a quarter": near / len(pairs), "in the range": inside / len(pairs)}


def run(size: sizes.Size) -> dict:
    """The shares at joining, half-way and near the end, by place, and with the true distribution known."""
    weeks = range(1 if size == sizes.TINY else 12)
    people = [one for seed in weeks for one in week(seed)]
    knowing = [one for seed in weeks for one in week(seed, knowing=True)]
    return {
        "minutes": statistics.mean((one.served or 0) - one.joined for one in people) / 60,
        "when": {name: shares(people, part) for name, part in MOMENTS.items()},
        "knowing": shares(knowing, 0),
        "places": {
            name: shares([one for one in people if low <= one.place <= high], 0)
            for name, (low, high) in PLACES.items()
            if any(low <= one.place <= high for one in people)
        },
    }
