"""The teller: reads the journal after its last number and tells the rooms concerned. Nobody else does.

There is one in each web process, each on its own: two processes on one database tell the same. Its work grows with what happens,
not with how many listen.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from helpdesk.core import journal
from helpdesk.core.base import utcnow
from helpdesk.core.events.people import QueueAdded, QueueChanged, TeamAdded, TeamChanged, UserChanged, UserPassword, UserSession, UserSessions

from ..health.metrics import TELLING

if TYPE_CHECKING:
    from .live import Live

NAP = 0.5  # seconds; a bell only shortens it
BATCH = 500
LOOK_AGAIN = 30.0  # seconds between two looks at everybody's rights, whatever the journal says
RIGHTS_OF_ONE = (UserChanged, UserPassword, UserSession, UserSessions)
RIGHTS_OF_ALL = (TeamAdded, TeamChanged, QueueAdded, QueueChanged)

log = logging.getLogger("hamdel.live")


class Teller:
    """``position`` is the last number told; whoever enters a room under ``lock`` hears everything after it."""

    def __init__(self, live: Live):
        self.live, self.house = live, live.house
        self.lock = threading.RLock()
        self.position = -1
        self._closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin at the journal's end, once for each process."""
        with self.lock:
            if self._thread is None:
                with self.house.desk() as desk:
                    self.position = journal.last(desk)
                self._thread = threading.Thread(target=self._run, daemon=True, name="teller")
                self._thread.start()

    def close(self) -> None:
        """Tell no more."""
        self._closing = True
        self.house.bell.ring("journal")

    def _run(self) -> None:
        heard, looked = 0, time.monotonic()
        while not self._closing:
            heard = self.house.bell.wait("journal", heard, NAP)
            try:
                while not self._closing and self._tell():
                    pass
                if time.monotonic() - looked > LOOK_AGAIN:
                    looked = time.monotonic()
                    self.live.check()
                    self.live.hang_up_on_the_deaf()
            except Exception:
                log.exception("the teller stumbled")
                time.sleep(1.0)

    def _tell(self) -> bool:
        """Tell one batch; True when there may be more."""
        with self.house.desk() as desk:
            events = journal.after(desk, self.position, BATCH)
            payloads = journal.changed(desk, events) if self.live.consoles else []
        if not events:
            return False
        self._check_rights(events)
        with self.lock:
            for payload in payloads:
                self._emit(payload)
            self.position = events[-1].seq
        for event in events:
            TELLING.observe(max(0.0, (utcnow() - event.at).total_seconds()))
        return len(events) == BATCH

    def _check_rights(self, events: list[journal.Happened]) -> None:
        """Before what happened afterwards is told, those who lost a right are out of the room."""
        if any(isinstance(entry.event, RIGHTS_OF_ALL) for entry in events):
            self.live.check()
        else:
            people = {entry.event.user for entry in events if isinstance(entry.event, RIGHTS_OF_ONE)}
            self.live.check(people - {None})

    def _emit(self, payload: dict) -> None:
        row, was = payload["row"], payload["was"] or {}
        now = rooms(row["queue"]["id"], (row["assignee"] or {}).get("id"))
        before = rooms(was.get("queue"), was.get("assignee")) - now
        if before:
            self._tell_gone(payload, now, before)
        self.live.presence.moved(row["id"], now)
        self.live.emit("changed", payload, now)

    def _tell_gone(self, payload: dict, now: set[str], before: set[str]) -> None:
        """Those who saw the ticket and may not any more drop it first."""
        gone = self.live.inside(before) - self.live.inside(now)
        if gone:
            self.live.emit("gone", {"seq": payload["seq"], "kind": "gone", "ticket": payload["ticket"]}, gone)


def rooms(queue_id: int | None, assignee_id: int | None) -> set[str]:
    """The rooms of a ticket: its queue's and its assignee's."""
    return {f"{kind}:{number}" for kind, number in (("queue", queue_id), ("user", assignee_id)) if number}
