"""SQL statements compiled once for all databases of a test process. Every test has a database and thus an engine of
its own, and an engine compiles anew what the one before it has compiled: that took a third of the time of the tests.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

STATEMENTS = 2000
_compiled: LRUCache = LRUCache(STATEMENTS)


def share() -> None:
    """Let all engines of this process use the same compiled statements. They are kept by dialect, so dialects of one
    class and server version become equal; all engines of the desk have the same options.
    """
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: _kind(one) == _kind(other)  # type: ignore[method-assign]
        dialect.__hash__ = lambda one: hash(_kind(one))  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _use)


def _kind(dialect: DefaultDialect) -> tuple[type, object]:
    return type(dialect), getattr(dialect, "server_version_info", None)


def _use(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)
