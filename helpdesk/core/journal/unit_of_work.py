"""The unit of work: everything a core function needs at hand, and the only way to write.

``uow.session`` reads at any time. Writes happen inside ``with uow.writing():`` and nowhere else; what happened is added
with ``uow.record(event)`` and becomes journal rows in the same commit (law 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.core.actor import DESK, Actor
from helpdesk.core.database.base import utcnow
from helpdesk.core.database.locks import advisory_lock, write_lock
from helpdesk.core.database.rows import add_many
from helpdesk.core.events.registry import DomainEvent
from helpdesk.core.storage.blobs import Blobs

from .models import Event
from .protocols import HookCaller, RuntimeOwner

WRITING: ContextVar[bool] = ContextVar("writing", default=False)  # this thread holds a write open
PLUGIN: ContextVar[str] = ContextVar("plugin", default="")  # whose code runs now; "" for the desk's own
JOURNAL_LOCK = 0x48414D44  # PostgreSQL: writers append to the journal one after the other, just before they commit


@event.listens_for(Session, "before_flush")
def _refuse_rows_of_plugins(session: Session, _context: object, _instances: object) -> None:
    """Rows that a plugin put into a session, past the functions of the API, are never written."""
    if PLUGIN.get() and not session.info.get("writing"):
        raise RuntimeError(
            f"the plugin {PLUGIN.get()} changes rows itself; plugins write with the functions of helpdesk.api"
        )


@contextmanager
def code_of(plugin: str) -> Iterator[None]:
    """While code of this plugin runs (law 5): it may not open writes. "" while a function of the desk works for it."""
    token = PLUGIN.set(plugin)
    try:
        yield
    finally:
        PLUGIN.reset(token)


@dataclass
class UnitOfWork:
    """One unit of work: a session, who acts, and what the process owns. ``acting`` gives the same with another
    actor.
    """

    session: Session
    hooks: HookCaller
    blobs: Blobs
    secret: bytes
    runtime: RuntimeOwner
    clock: Callable[[], datetime] = utcnow
    actor: Actor = DESK
    _pending: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _wakes: set[str] = field(default_factory=set, repr=False)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The keys whose signatures are accepted, the oldest first; the last one is ``secret``."""
        return (*self.runtime.older_secrets, self.secret)

    def acting(self, actor: Actor) -> UnitOfWork:
        """The same unit of work, on the same session, with another actor."""
        return replace(self, actor=actor, _pending=self._pending, _wakes=self._wakes)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A write: takes the one writer's place, commits at the end, rolls everything back on any error.

        Inside another ``writing`` it simply takes part. What was read before is read again: a snapshot cannot be
        written to.
        """
        if self.session.info.get("writing"):
            yield self.session
            return
        if PLUGIN.get():
            raise RuntimeError(
                f"the plugin {PLUGIN.get()} opens a write of its own; plugins write with the functions of helpdesk.api"
            )
        lock = write_lock(self.session.get_bind()) or nullcontext()
        # who waits for the lock keeps no connection, or many that wait could take all there are
        self.session.rollback()
        with lock:
            self.session.connection(execution_options={"writer": True})
            self.session.info["writing"] = True
            token = WRITING.set(True)
            try:
                yield self.session
                written = self._write_journal()
                self.session.commit()
            except BaseException:
                self._pending.clear()
                self._wakes.clear()
                self.session.rollback()
                raise
            finally:
                self.session.info["writing"] = False
                WRITING.reset(token)
        for what in self._awakened(written):
            self.runtime.wake(what)

    def wake(self, what: str) -> None:
        """Notify those who wait for this name once the running commit is done."""
        self._wakes.add(what)

    def _awakened(self, written: int) -> list[str]:
        names = [*(["journal"] if written else []), *sorted(self._wakes)]
        self._wakes.clear()
        return names

    def record(self, event: DomainEvent) -> None:
        """Put an event of a registered kind into the journal, in the running commit."""
        self.runtime.events.check(event)
        ids = {"ticket_id": event.ticket_id, "message_id": event.message_id}
        self._pending.append(
            {"kind": event.kind, "at": self.clock(), "actor": self.actor.name, **ids, "data": event.dump()}
        )

    def _write_journal(self) -> int:
        rows, count = self._pending[:], len(self._pending)
        self._pending.clear()
        self.session.flush()
        if rows:
            advisory_lock(self.session, JOURNAL_LOCK)
            add_many(self.session, Event, rows)
        return count
