"""The tables of the journal and of its readers' cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key
from helpdesk.core.database.leases import Leased


class Event(Base):
    """The journal (law 4). ``data`` holds ids and the desk's own values before and after, never a customer's words.

    ``actor`` is "user:3", "customer:8", "desk" or "plugin:name".
    """

    __tablename__ = "event"
    seq: Key = key()
    at: Mapped[datetime] = mapped_column(default=utcnow)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(60), default="desk")
    ticket_id: Mapped[int | None] = mapped_column(index=True)
    message_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = ({"sqlite_autoincrement": True},)


class Cursor(Leased, Base):
    """How far a reader of the journal has come."""

    __tablename__ = "cursor"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utcnow)
