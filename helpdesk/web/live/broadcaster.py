"""The event broadcaster: reads the journal after its last number and emits to the rooms concerned. Nothing else does.

There is one in each web process, each on its own: two processes on one database emit the same. Its work grows with the
number of events, not of listeners.
"""

from __future__ import annotations

import logging
import threading
import time

from helpdesk.core.database.base import utcnow
from helpdesk.core.database.engine import snapshot
from helpdesk.core.events.people import (
    QueueAdded,
    QueueChanged,
    RoleChanged,
    TeamAdded,
    TeamChanged,
    UserChanged,
    UserPassword,
    UserSession,
    UserSessions,
)
from helpdesk.core.journal import journal
from helpdesk.core.live import rooms
from helpdesk.core.tickets import changes as changes_
from helpdesk.core.tickets.standings import Change
from helpdesk.web.health.metrics import BROADCASTING

from . import rings
from .hub import ConsoleHub
from .open_tickets import updates
from .views_in_use import ViewsInUse

NAP = 0.5  # seconds; a notification only shortens it
BATCH = 500
LOOK_AGAIN = 30.0  # seconds between two looks at everybody's rights, whatever the journal says
RIGHTS_OF_ONE = (UserChanged, UserPassword, UserSession, UserSessions)
RIGHTS_OF_ALL = (RoleChanged, TeamAdded, TeamChanged, QueueAdded, QueueChanged)

log = logging.getLogger("hamdel.live")


class EventBroadcaster:
    """``position`` is the last number emitted; who enters a room under ``lock`` receives everything after it."""

    def __init__(self, hub: ConsoleHub):
        self.hub, self.runtime = hub, hub.runtime
        self.lock = threading.RLock()
        self.position = -1
        self._filters: dict = {}  # of saved views that are shown, as ``ViewsInUse`` keeps them
        self._closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin at the journal's end, once for each process."""
        with self.lock:
            if self._thread is None:
                with self.runtime.uow() as uow:
                    self.position = journal.last(uow)
                self._thread = threading.Thread(target=self._run, daemon=True, name="broadcaster")
                self._thread.start()

    def close(self) -> None:
        """Stop emitting."""
        self._closing = True
        self.runtime.notifier.notify("journal")

    def _run(self) -> None:
        seen, looked = 0, time.monotonic()
        while not self._closing:
            seen = self.runtime.notifier.wait("journal", seen, NAP)
            try:
                while not self._closing and self._emit_batch():
                    pass
                if time.monotonic() - looked > LOOK_AGAIN:
                    looked = time.monotonic()
                    self.hub.check()
                    self.hub.disconnect_slow_consumers()
            except Exception:
                log.exception("the broadcaster failed")
                time.sleep(1.0)

    def _emit_batch(self) -> bool:
        """Emit one batch; True when there may be more."""
        with self.runtime.uow() as uow:
            snapshot(uow.session)  # rows as they were after the last of these events, not after the next
            events = journal.after(uow, self.position, BATCH)
            changes = changes_.changed(uow, events) if self.hub.consoles else []
            self.hub.payloads.complete(uow, changes)
            views = ViewsInUse(uow, changes, self.hub.views_shown(), self._filters)
            standings = [(change, views.of(change.ticket)) for change in changes]
            shown = self.hub.showing({change.ticket for change in changes})
            items = updates(self.hub.app, uow, changes, shown) if shown else {}
            of_line = rings.emits(self.hub.app, uow, events, list(self.hub.consoles.values()))
        if not events:
            return False
        self._check_rights(events)
        with self.lock:
            for change, standing in standings:
                for update in items.get(change.seq, ()):
                    self.hub.emit("items", update.payload, self._still_seeing(change, update.sids))
                self._emit(change, standing)
            for event, payload, to in of_line:
                self.hub.emit(event, payload, to)
            self.position = events[-1].seq
        for event in events:
            BROADCASTING.observe(max(0.0, (utcnow() - event.at).total_seconds()))
        return len(events) == BATCH

    def _check_rights(self, events: list[journal.JournalEntry]) -> None:
        """Remove those who lost a right from their rooms before later events are emitted."""
        if any(isinstance(entry.event, RIGHTS_OF_ALL) for entry in events):
            self.hub.check()
        else:
            people = {entry.event.user for entry in events if isinstance(entry.event, RIGHTS_OF_ONE)}
            self.hub.check(people - {None})

    def _emit(self, change: Change, standing: dict[tuple[int, int], bool]) -> None:
        """Emit one change: once to everybody of its queue, separately to those who see it in another way."""
        now, before = _places(change.after), _places(change.before)
        self.hub.viewers.moved(change.ticket, now)
        queue = f"queue:{change.after['queue']}"
        viewing = {console.sid for console in list(self.hub.consoles.values()) if console.view}
        apart = self.hub.sids_in((now | before) - {queue}) | (viewing & self.hub.sids_in({queue}))
        without = apart & self.hub.sids_in({queue})
        for variant in {console.variant for console in list(self.hub.consoles.values())}:
            payload = self.hub.payloads.of(change, {change.after["queue"]}, None, variant)
            self.hub.emit("changed", payload, [f"{queue}/{variant}"], without)
        self._emit_apart(change, apart, standing)

    def _still_seeing(self, change: Change, sids: list[str]) -> list[str]:
        """Those of these consoles whose rights, as they were just looked at, reach the ticket."""
        place = _places(change.after)
        consoles = filter(None, map(self.hub.consoles.get, sids))
        return [console.sid for console in consoles if console.rooms & place]

    def _emit_apart(self, change: Change, sids: set[str], standing: dict[tuple[int, int], bool]) -> None:
        """To the assignee, who has lists of their own, to those of the queue it came from, and to those who look at
        saved views.
        """
        alike: dict[tuple, list[str]] = {}
        concerned = {side["assignee"] for side in (change.before, change.after) if side}
        for console in filter(None, map(self.hub.consoles.get, sids)):
            queues = frozenset(
                side["queue"]
                for side in (change.before, change.after)
                if side and f"queue:{side['queue']}" in console.rooms
            )
            user = console.user_id if concerned & {console.user_id} else None
            stands = standing.get((console.view, console.user_id), False)
            alike.setdefault((queues, user, console.variant, console.view, stands), []).append(console.sid)
        for seen, those in alike.items():
            payload = self.hub.payloads.of(change, *seen)
            if payload:
                self.hub.emit("gone" if payload["kind"] == "gone" else "changed", payload, those)


def _places(facts: dict | None) -> set[str]:
    return rooms(facts["queue"], facts["assignee"]) if facts else set()
