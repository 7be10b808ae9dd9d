"""Bulk work stands back: its next step comes when nothing is ready that somebody waits for."""

from __future__ import annotations

import gevent
from gevent.lock import Semaphore

LAST = -1  # the priority of what waits for an idle loop: below a request's (``connections.Turns``)
PATIENCE = 0.05  # seconds bulk work waits at most, so that it goes on beside clients that never pause


class StandingBack:
    """Called between two steps of bulk work. Of several that are called at a time one step goes, then all others that
    are ready.
    """

    def __init__(self) -> None:
        self._turn = Semaphore()

    def __call__(self) -> None:
        """Wait until the event loop has nothing else to do, ``PATIENCE`` seconds at most."""
        gevent.sleep(0.001)  # other processes may want to write, and those that wait for this turn come first
        with gevent.Timeout(PATIENCE, False), self._turn:
            gevent.idle(LAST)
