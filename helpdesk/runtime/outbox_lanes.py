"""Sending: each account in a lane of its own, so that a slow or failing provider delays nobody else's messages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from itertools import count

from helpdesk.core.outbox import outbox
from helpdesk.core.runtime import Runtime

from .logs import log_fault

log = logging.getLogger("hamdel.worker")
AT_ONCE = 32  # lanes at a time in one process
AGAIN = 1.0  # seconds until an account whose lane broke off has another


class OutboxLanes:
    """The sending threads of one process, by account.

    One ends when its account has nothing due, or after a batch while others wait for a lane.
    """

    def __init__(self, runtime: Runtime, stopping: threading.Event):
        self.runtime, self.stopping = runtime, stopping
        self.lanes: dict[int, threading.Thread] = {}
        self.crowded = False
        self._served: dict[int, int] = {}
        self._turns = count(1)

    def __call__(self, rounds: Iterable) -> None:
        """Open lanes for accounts that have something due, at each of these moments."""
        for _again in rounds:
            with self.runtime.uow() as uow:
                due = outbox.due_accounts(uow, besides=list(self.lanes))
            self._open(sorted(due, key=lambda account_id: self._served.get(account_id, 0)))

    def threads(self) -> list[threading.Thread]:
        """The threads that send now."""
        return list(self.lanes.values())

    def _open(self, due: list[int]) -> None:
        """Those that waited longest since their last turn come first."""
        room = max(0, AT_ONCE - len(self.lanes))
        self.crowded = len(due) > room
        for account_id in due[:room]:
            self._served[account_id] = next(self._turns)
            self.lanes[account_id] = threading.Thread(
                target=self._send, args=(account_id,), name=f"outbox of account {account_id}", daemon=True
            )
            self.lanes[account_id].start()

    def _send(self, account_id: int) -> None:
        try:
            with self.runtime.uow() as uow:
                outbox.release_own_leases(uow, account_id)
                while outbox.work(uow, account_id=account_id) and not (self.crowded or self.stopping.is_set()):
                    pass
        except (Exception, SystemExit) as error:  # a plugin's sys.exit() would end the thread without a word
            log_fault(log, error, "sending for account %s failed", account_id)
            self.stopping.wait(AGAIN)
        finally:
            del self.lanes[account_id]
            self.runtime.wake("outbox")
