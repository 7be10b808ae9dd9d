"""Customers and agents who go on and on while processes are killed, and what must be there of theirs afterwards."""

from __future__ import annotations

import collections
import threading
import time
from contextlib import suppress
from itertools import count

from helpdesk.testing.sizes import size

PAUSE = size(0.2, 0.02)  # seconds between two things from one side


class Load:
    """Customers and an agent who go on and on, each in a thread of its own, until ``end``."""

    def __init__(self, *hands):
        self.numbers, self.enough = count(1), threading.Event()
        self.threads = [threading.Thread(target=self._go_on, args=(hand,), daemon=True) for hand in hands]
        for thread in self.threads:
            thread.start()

    def _go_on(self, hand) -> None:
        """What must be acknowledged is tried until it is; what need not be, once."""
        while not self.enough.is_set():
            token = f"ledger-{next(self.numbers)}"
            while not hand.give(token) and hand.insists:
                time.sleep(0.1)
            time.sleep(hand.pause)

    def end(self) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()


class Hand:
    """One side from which things come: ``act(token)`` is true when it was acknowledged; who insists tries until it
    is.
    """

    def __init__(self, act, insists: bool = True, pause: float = PAUSE):
        self.act, self.insists, self.pause = act, insists, pause
        self.tried, self.acknowledged = set(), set()

    def give(self, token: str) -> bool:
        self.tried.add(token)
        with suppress(OSError):
            if self.act(token):
                self.acknowledged.add(token)
        return token in self.acknowledged


def assert_balanced(there: collections.Counter, hands: list[Hand]) -> None:
    """Nothing lost, doubled, or from nowhere."""
    acknowledged, tried = set().union(*(h.acknowledged for h in hands)), set().union(*(h.tried for h in hands))
    assert acknowledged - there.keys() == set(), "lost"
    assert [token for token, times in there.items() if times > 1] == [], "doubled"
    assert there.keys() - tried == set(), "unexpected"
