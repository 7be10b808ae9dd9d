"""What every table shares: the declarative base, names of constraints, and times that are always UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # no target runs: keyset order needs a value that is not NULL

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utcnow() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[Any]):
    """A point in time: aware UTC in Python, ``timestamptz`` in PostgreSQL, UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Plain = JSON().with_variant(JSONB(), "postgresql")
Number = BigInteger().with_variant(
    Integer(), "sqlite"
)  # both have 64 bits; a number anybody asks for fits in or is refused before


COLUMN_TYPES: dict[Any, Any] = {
    int: Number,
    datetime: Moment,
    dict: Plain,
    list: Plain,
    dict[str, Any]: Plain,
    list[Any]: Plain,
}


class Base(DeclarativeBase):
    """The desk's tables. Plain SQLAlchemy: the web layer hands this metadata to Flask-SQLAlchemy."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES
