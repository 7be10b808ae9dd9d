"""The tables of what comes in: accounts, parcels, and what keeps a message from coming twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from ..base import Base, utcnow
from .columns import Key, key, to
from .people import Queue


class Account(Base):
    """One address of ours on one channel. ``settings`` has its secrets sealed; ``health`` says how it does."""

    __tablename__ = "account"
    id: Key = key()
    channel: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    queue_id: Mapped[int] = to("queue.id")
    settings: Mapped[dict] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    cursor: Mapped[dict] = mapped_column(default=dict)
    health: Mapped[dict] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    queue: Mapped[Queue] = relationship()

    @property
    def fault(self) -> str:
        """What keeps it from fetching or sending, as ``errors.told`` wrote it; "" when nothing does."""
        return self.health.get("secret_error") or self.health.get("error") or self.health.get("send_error") or ""

    @property
    def fault_at(self) -> str:
        """Since when, in ISO 8601."""
        return self.health.get("error_at") or self.health.get("send_error_at") or ""


class Parcel(Base):
    """Raw bytes as they came, kept before anything read them (law 1).

    ``state``: new, done, duplicate, report, event (an edit, deletion or reaction), nothing, quarantined, discarded. ``lease_until`` is set while somebody works on it.
    A ``quiet`` parcel is history: what it brings is filed, but nobody is written to because of it.
    """

    __tablename__ = "parcel"
    id: Key = key()
    account_id: Mapped[int] = to("account.id", index=True)
    external_id: Mapped[str] = mapped_column(String(255))
    conversation: Mapped[str] = mapped_column(String(255), default="")
    raw: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    blob: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[str] = mapped_column(String(12), default="new")
    quiet: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    first_id: Mapped[int | None] = to("parcel.id")
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_parcel_todo", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index(
            "ix_parcel_quarantine",
            "id",
            sqlite_where=text("state = 'quarantined'"),
            postgresql_where=text("state = 'quarantined'"),
        ),
    )


class Arrival(Base):
    """The same message id with the same body comes into an account once (law 3)."""

    __tablename__ = "arrival"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), primary_key=True)
    parcel_id: Mapped[int] = to("parcel.id")


class Reference(Base):
    """An external id that a message of this ticket named: siblings whose parent never came meet by it."""

    __tablename__ = "reference"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


class ConversationThread(Base):
    """A channel's own thread key and its open ticket: one at a time (law 3). A ticket may have several, over several accounts."""

    __tablename__ = "conversation_thread"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    thread_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


class WaitingEvent(Base):
    """An edit, deletion, reaction or report that names an external id nobody knows yet: tried again until ``until``.

    ``data`` is the event as ``to_json`` writes it.
    """

    __tablename__ = "waiting_event"
    id: Key = key()
    account_id: Mapped[int] = to("account.id", index=True)
    parcel_id: Mapped[int] = to("parcel.id")
    data: Mapped[dict] = mapped_column(default=dict)
    until: Mapped[datetime]
