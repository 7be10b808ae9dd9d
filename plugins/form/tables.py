"""The tables: topics, which say what a form asks for, and the words of open pages that were used up."""

from __future__ import annotations

from datetime import datetime
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


class Word(Base):
    """The word of a page of the form (``guard.begin``) that was sent, and the id of the post it was sent with."""

    __tablename__ = "form_word"
    word: Mapped[str] = mapped_column(String(20), primary_key=True)
    post: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(index=True)
