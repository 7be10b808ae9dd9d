"""The locks of writers: one writer a process on SQLite, advisory locks on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

WRITER_WAITS = 30.0  # seconds a writer waits for another process before it gives up

AT_ONCE: ContextVar[bool] = ContextVar("at_once", default=False)  # a write that is not worth waiting for


@contextmanager
def without_waiting() -> Iterator[None]:
    """Inside, a write on SQLite begins at once or fails as transient: for what a reader notes by the way."""
    token = AT_ONCE.set(True)
    try:
        yield
    finally:
        AT_ONCE.reset(token)


class WriteLock:
    """One writer at a time in this process. ``wanted`` is how many others wait for the place, ``until`` how long its
    owner may wait for other processes: nobody waits longer than ``WRITER_WAITS`` for both.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.wanted = 0
        self.until: float | None = None

    def __enter__(self) -> None:
        self.wanted += 1
        patience = 0 if AT_ONCE.get() else WRITER_WAITS
        until = time.monotonic() + patience
        try:
            if not self._lock.acquire(timeout=patience):
                raise _locked()
        finally:
            self.wanted -= 1
        self.until = until

    def __exit__(self, *_error: Any) -> None:
        self.until = None
        self._lock.release()


def _locked() -> sqlite3.OperationalError:
    """What SQLite itself says when another process is in the way."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def advisory_lock(session: Session, key: int) -> None:
    """Let nobody else pass the same place until the commit. On SQLite a writer is alone as it is."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def write_lock(bind: Engine | Connection) -> WriteLock | None:
    """The lock of this process for writers on SQLite; None where the database needs none."""
    return cast("WriteLock | None", getattr(bind, "write_lock", None))
