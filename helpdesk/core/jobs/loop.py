"""The worker's loop for jobs: claims what is due and runs each in a thread of its own, some at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import queue, runner
from .models import Job

AT_ONCE = 8  # jobs at a time in one process
AGAIN = 1.0  # seconds until a database that was away is asked again

log = logging.getLogger("hamdel.jobs")


class JobLoop:
    """Runs jobs of one process. ``rounds`` yields whenever it is time to look; ``counted(kind, state)`` is called after
    each.
    """

    def __init__(
        self, runtime: Any, stopping: threading.Event, counted: Callable[[str, str], None] = lambda kind, state: None
    ):
        self.runtime, self.stopping, self.counted = runtime, stopping, counted
        self.in_hand: dict[int, str] = {}
        self.threads: list[threading.Thread] = []

    def __call__(self, rounds: Iterator[Any]) -> None:
        """Plan what is scheduled, then claim and begin jobs until told to stop."""
        with self.runtime.uow() as uow:
            if not self.in_hand:
                runner.release(uow)
            queue.plan(uow, self.runtime.jobs)
        for _again in rounds:
            with self.runtime.uow() as uow:
                while self._has_room() and self._begin(uow):
                    pass

    def _has_room(self) -> bool:
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        return not self.stopping.is_set() and len(self.threads) < AT_ONCE

    def _begin(self, uow: UnitOfWork) -> bool:
        job_id = runner.claim(uow, list(self.in_hand.values()))
        if job_id is None:
            return False
        self.in_hand[job_id] = uow.session.get_one(Job, job_id).lane
        thread = threading.Thread(target=self._run, args=(job_id,), name=f"job {job_id}", daemon=True)
        self.threads.append(thread)
        thread.start()
        return True

    def _run(self, job_id: int) -> None:
        try:
            with self.runtime.uow() as uow:
                kind = uow.session.get(Job, job_id).kind
                self.counted(kind, runner.run(uow, job_id))
        except Exception as error:
            log.warning("job %s was broken off: %s", job_id, type(error).__name__)
            self._release(job_id)
        finally:
            self.in_hand.pop(job_id, None)
            self.runtime.wake("jobs")

    def _release(self, job_id: int) -> None:
        """Free a job that could not be finished, as soon as the database is back."""
        while not self.stopping.wait(AGAIN):
            try:
                with self.runtime.uow() as uow:
                    runner.release(uow, job_id)
                return
            except Exception as error:
                log.info("job %s is not free yet: %s", job_id, type(error).__name__)
