"""How the desk reaches its database: engines, the one writer's lock, and inserts that may lose a race.

SQLite: write-ahead log, ``synchronous=FULL``, ``BEGIN IMMEDIATE`` for writers behind one lock per process, and
``busy_timeout`` 0 with a short sleep in Python, so that under gevent nobody else stands still. PostgreSQL: as it comes.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from functools import cache

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from .errors import out_of_space

CONNECTING = 5  # seconds PostgreSQL may take to be reached
PASSING = ("08", "40", "53", "55", "57", "58")  # classes of PostgreSQL's errors: away, in each other's way, out of room, stopping
READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction
PASSING_IN_SQLITE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)
WRITER_WAITS = 30.0  # seconds a writer waits for another process before it gives up
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=0",
    "temp_store=MEMORY",
    "cache_size=-16000",
)


class WriteLock:
    """One writer at a time in this process. ``wanted`` is how many others wait for the place, ``until`` how long its owner may wait for
    other processes: nobody waits longer than ``WRITER_WAITS`` for both."""

    def __init__(self):
        self._lock = threading.RLock()
        self.wanted, self.until = 0, None

    def __enter__(self):
        self.wanted += 1
        until = time.monotonic() + WRITER_WAITS
        try:
            if not self._lock.acquire(timeout=WRITER_WAITS):
                raise _locked()
        finally:
            self.wanted -= 1
        self.until = until

    def __exit__(self, *_error):
        self.until = None
        self._lock.release()


def _locked() -> sqlite3.OperationalError:
    """What SQLite itself says when another process is in the way."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def make_engine(url: str, **options) -> Engine:
    """An engine with the desk's settings for this database; ``engine.write_lock`` is None where none is needed."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECTING}, **options}
        engine = create_engine(url, **options)
        engine.write_lock = None
        event.listen(engine, "handle_error", _leave_a_reader)
        return engine
    options["connect_args"] = {"timeout": 0, "check_same_thread": False, **options.get("connect_args", {})}
    engine = create_engine(url, **options)
    engine.write_lock = WriteLock()
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _leave_a_reader(context) -> None:
    """A server that may only be read is no use to a writer: after a fail-over another one is, and that is for a new connection to find."""
    if getattr(context.original_exception, "sqlstate", "") == READ_ONLY:
        context.is_disconnect = True


def _set_pragmas(connection: sqlite3.Connection, _record) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        _patiently(lambda: connection.execute(f"PRAGMA {pragma}"))


def _begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer")
    raw = connection.connection.dbapi_connection
    until = connection.engine.write_lock.until if writer else None
    _patiently(lambda: raw.execute("BEGIN IMMEDIATE" if writer else "BEGIN"), until)


def _patiently(act, until: float | None = None) -> None:
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
    """Let everything this transaction reads be of one moment, as it is on SQLite anyway. To be asked for before anything is read."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def alone(session: Session, key: int) -> None:
    """Let nobody else pass the same place until the commit. On SQLite a writer is alone as it is."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def passing(error: BaseException) -> bool:
    """True when not what was asked is the matter but the moment: the database is away, full or read-only, two writers met."""
    if out_of_space(error) or isinstance(error, NoConnection):
        return True
    cause, invalid = getattr(error, "orig", error), getattr(error, "connection_invalidated", False)
    state, code = getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorcode", None)
    if state or code is not None:
        return invalid or (state or "")[:2] in PASSING or (code or 0) & 0xFF in PASSING_IN_SQLITE
    return invalid or isinstance(error, OperationalError)


def add(session: Session, model, **values) -> int:
    """Insert one row without the ORM's bookkeeping and return its key: many times quicker than ``session.add`` and ``flush``."""
    return session.connection().execute(_insert(model), values).inserted_primary_key[0]


def add_many(session: Session, model, rows: list[dict]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        session.connection().execute(_insert(model), rows)


def by_id(session: Session, model, row_id: int | None, **options):
    """The row of this id or None, also for a number that no database can compare (beyond 64 bits)."""
    return session.get(model, row_id, **options) if row_id and 0 < row_id < 2**63 else None


def insert_if_new(session: Session, model, **values) -> bool:
    """Insert a row unless a unique key has it already; True when this call inserted it (law 3)."""
    connection = session.connection()
    return connection.execute(insert_or_not(model, connection.dialect.name), values).rowcount == 1


def insert_many_if_new(session: Session, model, rows: list[dict]) -> None:
    """Insert rows that all have the same columns; those a unique key has already are left out (law 3)."""
    if rows:
        connection = session.connection()
        connection.execute(insert_or_not(model, connection.dialect.name), rows)


@cache
def _insert(model):
    return insert(model.__table__)


@cache
def insert_or_not(model, dialect: str):
    """The statement behind ``insert_if_new``, made once. psycopg forgets the count with the cursor unless it is asked for at once."""
    statement = (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__).on_conflict_do_nothing().inline()
    return statement.execution_options(preserve_rowcount=True)


@cache
def _change(model):
    key = next(iter(model.__table__.primary_key))
    return update(model.__table__).where(key == bindparam("this"))


def change(session: Session, model, key: int, **values) -> None:
    """Update one row by its key, past the ORM: read it again with ``populate_existing`` if it was read before."""
    session.connection().execute(_change(model), {"this": key, **values})


def upsert(session: Session, model, keys: dict, values: dict) -> None:
    """Insert a row or, where ``keys`` exist already, overwrite ``values``."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**keys, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
