"""The tables of what is said: messages, their words for search, files, and deliveries with every attempt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..base import Base, utcnow
from .columns import Key, key, to
from .tickets import Ticket


class Message(Base):
    """One thing said on a ticket. ``kind``: in, out, note. ``unverified`` waits for an agent to accept the voice."""

    __tablename__ = "message"
    id: Key = key()
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE")
    kind: Mapped[str] = mapped_column(String(4))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = to("user.id")
    customer_id: Mapped[int | None] = to("customer.id")
    author: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(254), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    parcel_id: Mapped[int | None] = to("parcel.id", unique=True)
    external_id: Mapped[str] = mapped_column(String(255), default="")
    automatic: Mapped[str] = mapped_column(String(10), default="")
    unverified: Mapped[bool] = mapped_column(default=False)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    details: Mapped[dict] = mapped_column(default=dict)
    ticket: Mapped[Ticket] = relationship()
    files: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")
    delivery: Mapped[Delivery | None] = relationship(back_populates="message", uselist=False)
    __table_args__ = (Index("ix_message_ticket", "ticket_id", "id"),)


class MessageText(Base):
    """What search reads of a message: the normalised text with words apart, and with half-spaces closed up."""

    __tablename__ = "message_text"
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", primary_key=True, autoincrement=False)
    spaced: Mapped[str] = mapped_column(Text)
    joined: Mapped[str] = mapped_column(Text)


class Attachment(Base):
    """A file of a message; its bytes are the blob of that hash."""

    __tablename__ = "attachment"
    id: Key = key()
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", index=True)
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    cid: Mapped[str] = mapped_column(String(255), default="")
    inline: Mapped[bool] = mapped_column(default=False)


class Delivery(Base):
    """A message on its way to somebody. ``state``: queued, sending, sent, failed, bounced, withdrawn.

    ``to`` and ``cc`` are lists of {kind, value, name}; ``outcomes`` says what became of each (``core.recipients``). ``due_at`` is the next try; ``external_id`` is fixed before the first.
    """

    __tablename__ = "delivery"
    id: Key = key()
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", unique=True)
    account_id: Mapped[int] = to("account.id", index=True)
    to: Mapped[list] = mapped_column(default=list)
    cc: Mapped[list] = mapped_column(default=list)
    outcomes: Mapped[dict] = mapped_column(default=dict)
    subject: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(10), default="queued")
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(80), default="")
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    external_id: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
    message: Mapped[Message] = relationship(back_populates="delivery")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id")
    __table_args__ = (
        Index(
            "ix_delivery_todo",
            "due_at",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )


class Attempt(Base):
    """One try of a delivery and what came of it."""

    __tablename__ = "attempt"
    id: Key = key()
    delivery_id: Mapped[int] = to("delivery.id", cascade="CASCADE", index=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    outcome: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text, default="")


class AutomaticSend(Base):
    """What a machine of ours sent to an address, for the loop caps."""

    __tablename__ = "automatic_send"
    id: Key = key()
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (Index("ix_automatic_send_address", "kind", "address", "at"),)
