"""How the desk reaches its database: engines, the one writer's lock, and inserts that may lose a race.

SQLite: write-ahead log, ``synchronous=FULL``, ``BEGIN IMMEDIATE`` for writers behind one lock per process, and
``busy_timeout`` 0 with a short sleep in Python, so that under gevent nobody else stands still. PostgreSQL: as it comes.
"""

from __future__ import annotations

import sqlite3
import threading
import time

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

WRITER_WAITS = 30.0  # seconds a writer waits for another process before it gives up
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=0",
    "temp_store=MEMORY",
    "cache_size=-16000",
)


def make_engine(url: str, **options) -> Engine:
    """An engine with the desk's settings for this database; ``engine.write_lock`` is None where none is needed."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        options.setdefault("pool_pre_ping", True)
        engine = create_engine(url, **options)
        engine.write_lock = None
        return engine
    options["connect_args"] = {"timeout": 0, "check_same_thread": False, **options.get("connect_args", {})}
    engine = create_engine(url, **options)
    engine.write_lock = threading.RLock()
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        _patiently(lambda: connection.execute(f"PRAGMA {pragma}"))


def _begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer")
    raw = connection.connection.dbapi_connection
    _patiently(lambda: raw.execute("BEGIN IMMEDIATE" if writer else "BEGIN"))


def _patiently(act) -> None:
    """Try again, asleep in between, while another process holds the file."""
    until = time.monotonic() + WRITER_WAITS
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


def insert_if_new(session: Session, model, **values) -> bool:
    """Insert a row unless a unique key has it already; True when this call inserted it (law 3)."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    result = session.execute(dialect.insert(model).values(**values).on_conflict_do_nothing())
    return result.rowcount == 1


def upsert(session: Session, model, keys: dict, values: dict) -> None:
    """Insert a row or, where ``keys`` exist already, overwrite ``values``."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**keys, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
