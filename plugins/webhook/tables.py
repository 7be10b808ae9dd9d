"""The tables of outgoing webhooks: endpoints, and a call for each event that an endpoint is told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import events, tables
from helpdesk.api.i18n import _

Base = tables.base("webhook")
WAITING, SENT, FAILED, HELD = "waiting", "sent", "failed", "held"
STATES = (WAITING, SENT, FAILED, HELD)


class Endpoint(Base):
    """An address that is told of the events its ``patterns`` name; with ``words`` also what people wrote.

    ``failures`` counts since the last success, ``failing_since`` is when they began; before ``due_at`` nothing is sent.
    ``off_reason`` is the sentence for which the desk itself switched it off.
    """

    __tablename__ = "webhook_endpoint"
    id: Mapped[int] = tables.key()
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = tables.sealed()
    patterns: Mapped[list]
    words: Mapped[bool]
    active: Mapped[bool]
    off_reason: Mapped[str] = mapped_column(Text)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def host(self) -> str:
        """What may be shown of the address: its path may hold a token."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Call(Base):
    """An event for an endpoint. ``seq`` is None for a test. What is told is made when it is sent, from the columns of
    the event, which hold no words of customers.

    ``state`` is waiting, sent, failed (given up), or held while the endpoint is off. ``status ms answer reason`` are of
    the last try.
    """

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "seq"),
        Index("ix_webhook_call_due", "endpoint_id", "state", "due_at"),
        Index("ix_webhook_call_at", "at"),
    )
    id: Mapped[int] = tables.key()
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    seq: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    ticket_id: Mapped[int | None]
    message_id: Mapped[int | None]
    data: Mapped[dict]
    state: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int]
    due_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]
    ms: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, kw_only=True)
class EndpointSwitchedOff(
    events.DomainEvent, kind="webhook.switched_off", label=_("Webhook switched off"), icon="plug"
):
    """The desk switched an endpoint off, since it failed for a week or said that it is gone."""

    endpoint: int
