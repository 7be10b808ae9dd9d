"""The table of accounts: one address of ours on one channel."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to
from helpdesk.core.people.models import Queue


class Account(Base):
    """One address of ours on one channel. ``settings`` has its secrets sealed; ``health`` says how it does; by
    ``public_key`` providers name it.
    """

    __tablename__ = "account"
    id: Key = key()
    channel: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    queue_id: Mapped[int] = to("queue.id")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    public_key: Mapped[str] = mapped_column(String(40), default=lambda: token_urlsafe(18), unique=True, index=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    health: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    queue: Mapped[Queue] = relationship()

    @property
    def fault(self) -> str:
        """What keeps it from fetching or sending, as ``errors.dump_message`` wrote it; "" when nothing does."""
        return self.health.get("secret_error") or self.health.get("error") or self.health.get("send_error") or ""

    @property
    def fault_at(self) -> str:
        """Since when, in ISO 8601."""
        return self.health.get("error_at") or self.health.get("send_error_at") or ""
