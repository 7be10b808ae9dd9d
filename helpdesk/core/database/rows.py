"""Reading and writing single rows past the ORM, and inserts that may lose a race."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Result, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

T = TypeVar("T")


def row_count(result: Result[Any]) -> int:
    """How many rows a statement changed."""
    return cast(CursorResult[Any], result).rowcount


def add(session: Session, model: Any, **values: Any) -> int:
    """Insert one row without the ORM's bookkeeping and return its key: many times quicker than ``session.add`` and
    ``flush``.
    """
    key = session.connection().execute(_insert(model), values).inserted_primary_key
    return cast(int, key[0] if key else None)


def add_many(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        session.connection().execute(_insert(model), rows)


def by_id(session: Session, model: type[T], row_id: int | None, **options: Any) -> T | None:
    """The row of this id or None, also for a number that no database can compare (beyond 64 bits)."""
    return session.get(model, row_id, **options) if row_id and 0 < row_id < 2**63 else None


def insert_if_new(session: Session, model: Any, **values: Any) -> bool:
    """Insert a row unless a unique key has it already; True when this call inserted it (law 3)."""
    connection = session.connection()
    return connection.execute(insert_or_not(model, connection.dialect.name), values).rowcount == 1


def insert_many_if_new(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns; those a unique key has already are left out (law 3)."""
    if rows:
        connection = session.connection()
        connection.execute(insert_or_not(model, connection.dialect.name), rows)


@cache
def _insert(model: Any) -> Any:
    return insert(model.__table__)


@cache
def insert_or_not(model: Any, dialect: str) -> Any:
    """The statement behind ``insert_if_new``, made once. psycopg forgets the count with the cursor unless it is
    asked for at once.
    """
    statement = (
        (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__).on_conflict_do_nothing().inline()
    )
    return statement.execution_options(preserve_rowcount=True)


@cache
def _change(model: Any) -> Any:
    key = next(iter(model.__table__.primary_key))
    return update(model.__table__).where(key == bindparam("this"))


def change(session: Session, model: Any, key: int, **values: Any) -> None:
    """Update one row by its key, past the ORM: read it again with ``populate_existing`` if it was read before."""
    session.connection().execute(_change(model), {"this": key, **values})


def upsert(session: Session, model: Any, keys: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert a row or, where ``keys`` exist already, overwrite ``values``."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**keys, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
