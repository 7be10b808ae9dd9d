"""The tables of automatic messages, for the loop caps, and of events that wait for the message they name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to


class AutomaticSend(Base):
    """What a machine of ours sent to an address, for the loop caps."""

    __tablename__ = "automatic_send"
    id: Key = key()
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (Index("ix_automatic_send_address", "kind", "address", "at"),)


class Unwanted(Base):
    """An address that wants nothing more by a channel; ``digest`` is the SHA-256 of its kind and value."""

    __tablename__ = "unwanted"
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class WaitingEvent(Base):
    """An edit, deletion, reaction or report that names an external id nobody knows yet: tried again until ``until``.

    ``data`` is the event as ``to_json`` writes it.
    """

    __tablename__ = "waiting_event"
    id: Key = key()
    account_id: Mapped[int] = to("account.id", index=True)
    raw_message_id: Mapped[int] = to("raw_message.id")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    until: Mapped[datetime]
