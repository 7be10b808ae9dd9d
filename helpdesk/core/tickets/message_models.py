"""The tables of messages: messages, their words for search, files, and deliveries with every attempt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to
from helpdesk.core.database.leases import Leased
from helpdesk.core.tickets.models import Ticket

FORMS = ("text", "call", "visit", "form")
WHISPER = "whisper"  # the form of a note for the colleague who serves somebody right now
VISIBILITIES = ("public", "private", "internal")
UNDER_WAY = (
    "queued",
    "sending",
)  # written out in queries: SQLite uses a partial index only for a list without parameters


class Message(Base):
    """One message of a ticket. ``kind``: in, out, note. ``unverified`` waits for an agent to accept the sender.

    ``form`` is one of ``FORMS``, of a note also ``WHISPER``; ``visibility`` of ``VISIBILITIES``: public is what anybody
    may read, internal what colleagues read. ``account_id`` is the account it came in or leaves by, None for a note.
    ``reactions`` are {emoji, kind, address, name, at}; ``template`` is {name, language, values} of a message written
    from a provider's template, else {}.
    """

    __tablename__ = "message"
    id: Key = key()
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE")
    account_id: Mapped[int | None] = to("account.id")
    kind: Mapped[str] = mapped_column(String(4))
    form: Mapped[str] = mapped_column(String(8), default="text")
    visibility: Mapped[str] = mapped_column(String(8), default="private")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = to("user.id")
    customer_id: Mapped[int | None] = to("customer.id")
    author: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(254), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    raw_message_id: Mapped[int | None] = to("raw_message.id", index=True)
    automatic: Mapped[str] = mapped_column(String(10), default="")
    unverified: Mapped[bool] = mapped_column(default=False)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    reactions: Mapped[list[Any]] = mapped_column(default=list)
    template: Mapped[dict[str, Any]] = mapped_column(default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ticket: Mapped[Ticket] = relationship()
    account: Mapped[Account | None] = relationship()
    external_ids: Mapped[list[MessageExternalId]] = relationship(order_by="MessageExternalId.external_id")
    files: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")
    delivery: Mapped[Delivery | None] = relationship(back_populates="message", uselist=False)
    __table_args__ = (Index("ix_message_ticket", "ticket_id", "id"),)

    @property
    def external_id(self) -> str:
        """The id by which a reply names it; "" when the other side knows none."""
        return self.external_ids[0].external_id if self.external_ids else ""


class MessageExternalId(Base):
    """An id by which the other side knows a message; unique within the account. A message may have several."""

    __tablename__ = "message_external_id"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", index=True)


class MessageText(Base):
    """What search reads of a message: the normalised text with words apart, and with half-spaces closed up."""

    __tablename__ = "message_text"
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", primary_key=True, autoincrement=False)
    spaced: Mapped[str] = mapped_column(Text)
    joined: Mapped[str] = mapped_column(Text)


class Attachment(Base):
    """A file of a message; its bytes are the blob of that hash.

    ``state``: ready, waiting (to be fetched by ``ref``, as the channel's ``parse`` gave it) or failed, with the
    ``reason`` as ``dump_message`` writes it.
    """

    __tablename__ = "attachment"
    id: Key = key()
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", index=True)
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    cid: Mapped[str] = mapped_column(String(255), default="")
    inline: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(8), default="ready")
    ref: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")


class Delivery(Leased, Base):
    """A message on its way to somebody. ``state``: queued, sending, waiting_for_person, sent, failed, bounced,
    uncertain (it may have been taken: a person decides), withdrawn.

    ``by_hand``: a person carries it out, so no worker ever claims it. ``delivered_at`` and ``read_at`` are what the
    other side reported.

    ``to`` and ``cc`` are lists of {kind, value, name}; ``outcomes`` says what became of each
    (``core.outbox.delivery_outcomes``). ``due_at`` is the next try; ``external_id`` is fixed before the first.
    """

    __tablename__ = "delivery"
    id: Key = key()
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", unique=True)
    account_id: Mapped[int] = to("account.id", index=True)
    to: Mapped[list[Any]] = mapped_column(default=list)
    cc: Mapped[list[Any]] = mapped_column(default=list)
    outcomes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    subject: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(20), default="queued")
    by_hand: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    external_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    message: Mapped[Message] = relationship(back_populates="delivery")
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id")
    __table_args__ = (
        Index(
            "ix_delivery_todo",
            "account_id",
            "due_at",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )

    @classmethod
    def under_way(cls) -> ColumnElement[bool]:
        """Those on their way."""
        return cls.state.in_(bindparam("under_way", UNDER_WAY, expanding=True, literal_execute=True))


class Attempt(Base):
    """One try of a delivery and what came of it."""

    __tablename__ = "attempt"
    id: Key = key()
    delivery_id: Mapped[int] = to("delivery.id", cascade="CASCADE", index=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")
