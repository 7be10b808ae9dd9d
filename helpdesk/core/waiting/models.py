"""The tables of who is there and of who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base
from helpdesk.core.database.columns import Key, key, to

STATES = ("available", "busy", "away", "offline")  # that a person chooses
OPEN = ("waiting", "offered", "taken")
ENDED = ("ended", "abandoned")
REASON = 60  # characters
LABEL = 200
OUTCOME = 40


class UserAvailability(Base):
    """What somebody chose and when their console was last seen (``seen_at``, written every ``SEEN_EVERY`` seconds).

    ``online`` is what the journal was last told; ``capacity`` {kind: most at once} are limits of their own;
    ``idle_since`` is when they last took or ended something; ``missed`` counts offers that rang in vain in a row.
    """

    __tablename__ = "user_availability"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="available")
    reason: Mapped[str] = mapped_column(String(REASON), default="")
    since: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    online: Mapped[bool] = mapped_column(default=False, index=True)
    idle_since: Mapped[datetime]
    missed: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[dict[str, Any]] = mapped_column(default=dict)


class WaitingEntry(Base):
    """Somebody who waits, or waited, with the ticket they wait on; their queue is the ticket's.

    ``passed`` is {user id: [how often they let it pass, when last]}; ``wanted_id`` the colleague it was given to who
    has not answered yet; ``data`` is the plugin's.
    """

    __tablename__ = "waiting_entry"
    id: Key = key()
    kind: Mapped[str] = mapped_column(String(40))
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE")
    label: Mapped[str] = mapped_column(String(LABEL), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    joined_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    offered_id: Mapped[int | None] = to("user.id", cascade="SET NULL")
    offered_until: Mapped[datetime | None]
    wanted_id: Mapped[int | None] = to("user.id", cascade="SET NULL")
    taken_id: Mapped[int | None] = to("user.id", cascade="SET NULL")
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(OUTCOME), default="")
    passed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


_open = text("state IN ('waiting', 'offered', 'taken')")
Index(
    "ix_waiting_entry_open",
    WaitingEntry.kind,
    WaitingEntry.ticket_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("ix_waiting_entry_line", WaitingEntry.joined_at, WaitingEntry.id, sqlite_where=_open, postgresql_where=_open)
Index("ix_waiting_entry_ticket", WaitingEntry.ticket_id, WaitingEntry.id)
_over = text("ended_at IS NOT NULL")
Index("ix_waiting_entry_over", WaitingEntry.kind, WaitingEntry.ended_at, sqlite_where=_over, postgresql_where=_over)
