"""The tables of what comes in: raw messages, and what keeps a message from coming twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to
from helpdesk.core.database.leases import Leased

SMALL = 64 * 1024  # bytes of an interactive message that passes others


class RawMessage(Leased, Base):
    """Raw bytes as they came, kept before anything read them (law 1).

    ``state``: new, done, duplicate, report, event (an edit, deletion or reaction), nothing, quarantined, discarded.
    ``lease_until`` is set while somebody works on it. A ``imported`` one comes from an archive: what it brings is
    filed, but nobody is written to because of it. What an ``interactive`` channel took has people who wait: the
    ``SMALL`` of it passes all others, but for its own ``conversation``.
    """

    __tablename__ = "raw_message"
    id: Key = key()
    account_id: Mapped[int] = to("account.id", index=True)
    external_id: Mapped[str] = mapped_column(String(255))
    conversation: Mapped[str] = mapped_column(String(255), default="")
    raw: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    blob: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[str] = mapped_column(String(12), default="new")
    imported: Mapped[bool] = mapped_column(default=False)
    interactive: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    first_id: Mapped[int | None] = to("raw_message.id")
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_raw_message_todo", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index(
            "ix_raw_message_interactive",
            "interactive",
            "account_id",
            "conversation",
            "id",
            sqlite_where=text("state = 'new' AND interactive = 1"),
            postgresql_where=text("state = 'new' AND interactive"),
        ),
        Index(
            "ix_raw_message_quarantine",
            "id",
            sqlite_where=text("state = 'quarantined'"),
            postgresql_where=text("state = 'quarantined'"),
        ),
    )

    @classmethod
    def under_way(cls) -> ColumnElement[bool]:
        """Those that nobody has read to the end."""
        return cls.state == "new"


class SeenMessage(Base):
    """The same message id with the same body comes into an account once (law 3)."""

    __tablename__ = "seen_message"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), primary_key=True)
    raw_message_id: Mapped[int] = to("raw_message.id")
