"""SQL statements and templates compiled once in a test process. Every test has a database and an application of its
own, and each compiled anew what the one before had compiled: that took a third of the time of the tests.
"""

from __future__ import annotations

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

STATEMENTS = 2000
_statements: LRUCache = LRUCache(STATEMENTS)


class _Templates(BytecodeCache):
    """Compiled templates by name and source, for all environments of this process."""

    def __init__(self):
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source."""
        if kept := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def share() -> None:
    """Let all engines and applications of this process use the same compiled statements and templates. Statements
    are kept by dialect, so dialects of one class and server version become equal; all engines of the desk have the
    same options.
    """
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: _kind(one) == _kind(other)  # type: ignore[method-assign]
        dialect.__hash__ = lambda one: hash(_kind(one))  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _use)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}


def _kind(dialect: DefaultDialect) -> tuple[type, object]:
    return type(dialect), getattr(dialect, "server_version_info", None)


def _use(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_statements)
