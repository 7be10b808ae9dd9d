"""The table of automatic messages sent, for the loop caps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key


class AutomaticSend(Base):
    """What a machine of ours sent to an address, for the loop caps."""

    __tablename__ = "automatic_send"
    id: Key = key()
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (Index("ix_automatic_send_address", "kind", "address", "at"),)
