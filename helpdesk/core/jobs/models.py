"""The table of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.leases import Leased


class Job(Leased, Base):
    """One piece of work. ``state``: queued, running, done, failed, cancelled.

    ``due_at`` is None once it is over. ``key`` makes adding idempotent within a kind; ``slot`` is the moment a
    scheduled run stands for; ``done`` of ``total`` is the progress; ``reason`` is the last error, as
    ``errors.dump_message`` writes it.
    """

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(120))
    key: Mapped[str | None] = mapped_column(String(200))
    lane: Mapped[str] = mapped_column(String(120), default="")
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    due_at: Mapped[datetime | None]
    slot: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index(
            "ix_job_due",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_job_finished",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    @classmethod
    def under_way(cls) -> ColumnElement[bool]:
        """Jobs that are not over."""
        return cls.due_at.is_not(None)
