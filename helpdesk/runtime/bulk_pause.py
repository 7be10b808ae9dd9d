"""The pause between two steps of bulk work: until the event loop has nothing else to run."""

from __future__ import annotations

import gevent
from gevent.lock import Semaphore

LAST = -1  # the priority of bulk work among what waits for an idle loop: below a request's (``connections.Turns``)
PATIENCE = 0.05  # seconds a pause takes at most, so that bulk work goes on beside clients that never pause


class BulkPause:
    """Called between two steps of bulk work. Of several workers one makes a step, then everything else that is ready
    runs.
    """

    def __init__(self) -> None:
        self._turn = Semaphore()

    def __call__(self) -> None:
        """Wait until the event loop is idle, ``PATIENCE`` seconds at most."""
        gevent.sleep(0.001)  # other processes may want to write, and workers that wait for this turn come first
        with gevent.Timeout(PATIENCE, False), self._turn:
            gevent.idle(LAST)
