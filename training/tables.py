"""The tables of training: what was released, the runs of people, and what happened in each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables

Base = tables.base("training")


class Release(Base):
    """A scenario or workshop as it was published; never changed. ``hash`` is of its meaning, ``content`` its text,
    ``about`` what lists say of it.
    """

    __tablename__ = "training_release"
    __table_args__ = (UniqueConstraint("kind", "name", "version"),)
    id: Mapped[int] = tables.key()
    kind: Mapped[str] = mapped_column(String(10))  # "scenario" or "workshop"
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[dict[str, Any]]
    about: Mapped[dict[str, Any]]
    content: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = tables.reference("user", ondelete="SET NULL")


class PracticeRun(Base):
    """One role-play of one person. Where it stands follows from its moments; the columns here are for lists.

    ``version`` is the number of its moments: whoever adds one names it, so that two turns at once cannot both count.
    ``started_at`` is the moment from which its seconds count. A fork keeps the moments before ``forked_turn``.
    """

    __tablename__ = "training_run"
    id: Mapped[int] = tables.key()
    hash: Mapped[str] = mapped_column(String(64), index=True)
    scenario: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = tables.reference("user", ondelete="CASCADE", index=True)
    workshop: Mapped[str] = mapped_column(String(64))  # the hash of the workshop's release, or ""
    cell: Mapped[str] = mapped_column(String(60))  # the cell of the workshop that started it, or ""
    lang: Mapped[str] = mapped_column(String(2))
    seed: Mapped[int]
    attempt: Mapped[int]
    forked_from: Mapped[int | None]
    forked_turn: Mapped[int | None]
    version: Mapped[int]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end: Mapped[str] = mapped_column(String(40))
    score: Mapped[float] = mapped_column(Float)
    turns: Mapped[int]


class ConsoleRun(Base):
    """A run that takes place in the real console, on a practice ticket.

    ``told`` is the number of the last moment whose lines were handed to intake; ``ticket_id`` is empty until the first
    one opened the ticket. ``closed`` once the ending stands on the ticket as a note.
    """

    __tablename__ = "training_console"
    run_id: Mapped[int] = mapped_column(ForeignKey("training_run.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int | None] = tables.reference("ticket", ondelete="CASCADE", unique=True)
    form: Mapped[str] = mapped_column(String(5))  # chat, mail or call
    told: Mapped[int]
    closed: Mapped[bool]
    at: Mapped[datetime]


class ConsoleTurn(Base):
    """A message of the desk that was played as a turn: once, whoever hands it over how often."""

    __tablename__ = "training_console_turn"
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("training_run.id", ondelete="CASCADE"), index=True)


class PracticeMoment(Base):
    """What happened at once, In [number] and Out [number]: the start, a reply, a button, or time that passed."""

    __tablename__ = "training_moment"
    __table_args__ = (UniqueConstraint("run_id", "number"),)
    id: Mapped[int] = tables.key()
    run_id: Mapped[int] = mapped_column(ForeignKey("training_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    events: Mapped[list[Any]]


class Answer(Base):
    """What a person last did in a cell of a workshop that is no role-play: a question answered (``given`` and its share
    of the points), a lesson read.
    """

    __tablename__ = "training_answer"
    __table_args__ = (UniqueConstraint("user_id", "workshop", "cell"),)
    id: Mapped[int] = tables.key()
    user_id: Mapped[int] = tables.reference("user", ondelete="CASCADE")
    workshop: Mapped[str] = mapped_column(String(64))  # the hash of its release
    cell: Mapped[str] = mapped_column(String(60))
    given: Mapped[list[Any]]
    points: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]
