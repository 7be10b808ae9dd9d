"""How much one socket may send: every byte is counted before it is parsed, every frame before it is understood."""

from __future__ import annotations

import time
from collections.abc import Callable

from helpdesk.web.http.budgets import Budget


class Metered:
    """A socket that lets everybody else run between two reads, and ends when its sender has used up a budget of
    bytes.
    """

    def __init__(self, plain, budget: Budget, ended: Callable[[], None]):
        self._plain, self._budget, self._ended = plain, budget, ended

    def recv(self, size: int) -> bytes:
        """As of any socket."""
        time.sleep(0)
        data = self._plain.recv(size)
        if self._budget.take(len(data)):
            return data
        self._ended()
        return b""

    def send(self, data: bytes) -> int:
        """As of any socket."""
        return self._plain.send(data)

    def __getattr__(self, name: str):
        return getattr(self._plain, name)
