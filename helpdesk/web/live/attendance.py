"""Notes in the database whose consoles are open, so that waiting people ring at them and at nobody who is gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from helpdesk.core.database.engine import is_transient
from helpdesk.core.runtime import Runtime
from helpdesk.core.waiting import states
from helpdesk.core.waiting.availability import SEEN_EVERY

log = logging.getLogger("hamdel.live")


class Attendance:
    """``present()`` gives the people whose consoles are open in this process. Written every ``SEEN_EVERY`` and when
    somebody comes, in a thread of its own: nothing that is told to consoles waits for a write.
    """

    def __init__(self, runtime: Runtime, present: Callable[[], Collection[int]]):
        self.runtime, self.present = runtime, present
        self._come, self._closing = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, once for each process."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="attendance")
                self._thread.start()

    def come(self) -> None:
        """Somebody's console has just come: note it now."""
        self._come.set()

    def close(self) -> None:
        """Note nothing any more; after a minute everybody counts as gone."""
        self._closing = True
        self._come.set()

    def _run(self) -> None:
        while not self._closing:
            self._come.wait(SEEN_EVERY.total_seconds())
            self._come.clear()
            try:
                present = [] if self._closing else self.present()
                if present:
                    with self.runtime.uow() as uow:
                        states.seen(uow, present)
            except Exception as error:
                if not is_transient(error):
                    log.exception("who is there could not be noted")
