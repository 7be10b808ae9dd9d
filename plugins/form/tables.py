"""The table of topics: what a form asks for, by what it is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables

Base = tables.base("form")


class Topic(Base):
    """A topic of one form, or of all (``account_id`` 0). ``label`` and ``intro`` by language, ``fields`` are names of
    custom fields.
    """

    __tablename__ = "form_topic"
    id: Mapped[int] = tables.key()
    account_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    label: Mapped[dict[str, Any]]
    intro: Mapped[dict[str, Any]]
    queue_id: Mapped[int | None] = tables.reference("queue", ondelete="SET NULL")
    fields: Mapped[list[Any]]
    files: Mapped[bool]
    position: Mapped[int]
    __table_args__ = (UniqueConstraint("account_id", "name"),)
