"""How the desk reaches its database: engines, their settings, and which errors pass by themselves.

SQLite: write-ahead log, ``synchronous=FULL``, ``BEGIN IMMEDIATE`` for writers behind one lock per process, and
``busy_timeout`` 0 with a short sleep in Python, so that other greenlets keep running. PostgreSQL: as it comes.
"""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from helpdesk.core.database.locks import WRITER_WAITS, WriteLock, write_lock
from helpdesk.core.errors import out_of_space

CONNECTING = 5  # seconds PostgreSQL may take to be reached
TRANSIENT_CLASSES = (
    "08",
    "40",
    "53",
    "55",
    "57",
    "58",
)  # SQLSTATE classes: connection, rollback, resources, lock, shutdown, system
READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction
TRANSIENT_IN_SQLITE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=0",
    "temp_store=MEMORY",
    "cache_size=-16000",
)


def make_engine(url: str, **options: Any) -> Engine:
    """An engine with the desk's settings for this database; ``engine.write_lock`` is None where none is needed."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECTING}, **options}
        engine = create_engine(url, **options)
        engine.write_lock = None  # type: ignore[attr-defined]
        event.listen(engine, "handle_error", _leave_a_reader)
        return engine
    options["connect_args"] = {"timeout": 0, "check_same_thread": False, **options.get("connect_args", {})}
    engine = create_engine(url, **options)
    engine.write_lock = WriteLock()  # type: ignore[attr-defined]
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _leave_a_reader(context: Any) -> None:
    """A server that may only be read is no use to a writer: after a fail-over another one is, and that is for a new
    connection to find.
    """
    if getattr(context.original_exception, "sqlstate", "") == READ_ONLY:
        context.is_disconnect = True


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        _patiently(partial(connection.execute, f"PRAGMA {pragma}"))


def _begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer")
    raw = connection.connection.dbapi_connection
    lock = write_lock(connection.engine) if writer else None
    until = lock.until if lock else None
    _patiently(partial(cast(sqlite3.Connection, raw).execute, "BEGIN IMMEDIATE" if writer else "BEGIN"), until)


def _patiently(act: Any, until: float | None = None) -> None:
    """Try again, asleep in between, while another process holds the file."""
    until = until or time.monotonic() + WRITER_WAITS
    pause = 0.001
    while True:
        try:
            act()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)


def snapshot(session: Session) -> None:
    """Let everything this transaction reads be of one moment, as it is on SQLite anyway. To be asked for before
    anything is read.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def is_transient(error: BaseException) -> bool:
    """True when not what was asked is the matter but the moment: the database is away, full or read-only, two
    writers met.
    """
    if out_of_space(error) or isinstance(error, NoConnection):
        return True
    cause, invalid = getattr(error, "orig", error), getattr(error, "connection_invalidated", False)
    state, code = getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorcode", None)
    if state or code is not None:
        return invalid or (state or "")[:2] in TRANSIENT_CLASSES or (code or 0) & 0xFF in TRANSIENT_IN_SQLITE
    return invalid or isinstance(error, OperationalError)
