"""Databases of tests, made once and then copied or emptied: that is much quicker than making each anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from sqlalchemy import Engine, MetaData

from helpdesk.core import tables  # noqa: F401  (the metadata is whole)
from helpdesk.core.database.base import Base
from helpdesk.core.runtime import Runtime
from helpdesk.core.tickets import search  # noqa: F401  (its indexes are made with the tables)
from helpdesk.ops import migrate

EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM %%I', name);
    END LOOP;
    PERFORM setval(format('%%I', sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public';
END $$
"""  # rows only, foreign keys unwatched meanwhile: TRUNCATE writes every table's files anew
_copies: dict[Hashable, bytes] = {}
_made: set[Hashable] = set()


def make_tables(engine: Engine, *, metadata: MetaData = Base.metadata) -> None:
    """Make the tables of this metadata, the core's unless another is given."""
    _as_once_made(engine, tuple(metadata.tables), lambda: metadata.create_all(engine))


def upgrade(runtime: Runtime) -> None:
    """Make the tables as migrations make them, the plugins' too."""
    known = tuple((chain.name, chain.head()) for chain in migrate.chains(runtime))
    _as_once_made(runtime.engine, known, lambda: migrate.upgrade(runtime))


def _as_once_made(engine: Engine, key: Hashable, make: Callable[[], None]) -> None:
    """Make tables; a new SQLite file becomes a copy of the first that was made by this key, and PostgreSQL is asked
    only once.
    """
    path = Path(engine.url.database or "")
    if engine.dialect.name != "sqlite":
        place = (engine.url, key)
        if place not in _made:
            make()
            _made.add(place)
    elif path.exists() and path.stat().st_size:
        make()
    elif key in _copies:
        engine.dispose()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_copies[key])
    else:
        make()
        with engine.connect() as connection:
            _copies[key] = connection.connection.dbapi_connection.serialize()  # type: ignore[union-attr]


def empty(engine: Engine) -> None:
    """Take every row out of a PostgreSQL database, and let its numbers begin anew."""
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY)
