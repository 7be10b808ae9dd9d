"""The plugin's tables: every version of its rules, and the days of iCal files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables

Base = tables.base("sla")


class RulesVersion(Base):
    """All calendars and policies as they are from ``at`` on. Versions are never changed: clocks that used time keep
    counting it by theirs.
    """

    __tablename__ = "sla_rules"
    version: Mapped[int] = tables.key()
    at: Mapped[datetime]
    user_id: Mapped[int | None] = tables.reference("user")
    calendars: Mapped[list] = mapped_column(default=list)
    policies: Mapped[list] = mapped_column(default=list)


class CalendarDays(Base):
    """The days of an iCal file by its SHA-256: {ISO date: name, None for an ordinary day after all}."""

    __tablename__ = "sla_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    days: Mapped[dict] = mapped_column(default=dict)
