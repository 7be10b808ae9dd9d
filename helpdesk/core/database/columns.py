"""What the tables' modules share: how keys are written, and the words a ticket's facts are chosen from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

STATUSES = ("open", "pending", "waiting", "solved", "closed")
ACTIVE = ("open", "pending", "waiting")
PRIORITIES = ("low", "normal", "high", "urgent")

Key = Mapped[int]


def key() -> Any:
    """A whole-number primary key that SQLite, too, never gives out twice."""
    return mapped_column(primary_key=True)


def to(target: str, **options: Any) -> Any:
    """A foreign key column with an index where it is asked for."""
    cascade = options.pop("cascade", None)
    return mapped_column(ForeignKey(target, ondelete=cascade), **options)
