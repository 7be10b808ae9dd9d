"""The tables of the desk's settings and of its plugins' faults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key


class Setting(Base):
    """A setting of the whole desk."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Fault(Base):
    """A plugin's fault, counted (law 5). ``text`` is for the admin alone."""

    __tablename__ = "fault"
    id: Key = key()
    plugin: Mapped[str] = mapped_column(String(120))
    hook: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text, default="")
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (UniqueConstraint("plugin", "hook", "text"),)
