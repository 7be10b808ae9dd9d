"""The table of clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base
from helpdesk.core.database.columns import Key, key, to


class Clock(Base):
    """One clock of a ticket (``states.ClockState`` tells its course); at most one of a name is under way on a ticket.

    ``state``: pending, running, paused, met, cancelled. Times of work are in seconds. ``due_at`` is when the desk
    looks at it next: to warn, then to note the breach. ``revision`` goes up with every change. ``reasons`` is what the
    plugin that set the target says of it.
    """

    __tablename__ = "clock"
    id: Key = key()
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE")
    name: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    revision: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    running_since: Mapped[datetime | None]
    spans: Mapped[list[Any]] = mapped_column(default=list)
    used: Mapped[int] = mapped_column(default=0)
    goal: Mapped[int | None]
    target_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)


_under_way = text("state IN ('pending', 'running', 'paused')")
_due = text("due_at IS NOT NULL")
Index(
    "ix_clock_under_way",
    Clock.ticket_id,
    Clock.name,
    unique=True,
    sqlite_where=_under_way,
    postgresql_where=_under_way,
)
Index("ix_clock_ticket", Clock.ticket_id, Clock.id)
_overdue = text("breached_at IS NOT NULL AND state IN ('pending', 'running', 'paused')")
Index("ix_clock_overdue", Clock.name, sqlite_where=_overdue, postgresql_where=_overdue)
Index("ix_clock_due", Clock.due_at, Clock.id, sqlite_where=_due, postgresql_where=_due)
