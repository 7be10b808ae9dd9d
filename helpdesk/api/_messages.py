"""What ``helpdesk.api.messages`` gives to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.core.tickets import message_models


@dataclass(frozen=True)
class Attachment:
    """A file of a message; ``open_file`` reads it."""

    id: int
    name: str
    type: str
    size: int
    inline: bool


@dataclass(frozen=True)
class Attempt:
    """One try of a delivery: ``outcome`` is a code, ``note`` a remark of whoever tried."""

    at: datetime
    outcome: str
    note: str


@dataclass(frozen=True)
class Delivery:
    """How far a message of ours has come. ``state``: queued, sending, waiting_for_person, sent, failed, bounced,
    withdrawn. ``due_at`` is the next try.
    """

    id: int
    state: str
    due_at: datetime
    tries: int
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Message:
    """A message. ``kind`` is in, out or note; ``visibility`` public, private or internal; ``automatic`` says which
    machine wrote, or "". ``details`` is what its channel told besides, ``sent_at`` when it left.
    """

    id: int
    ticket_id: int
    kind: str
    visibility: str
    form: str
    at: datetime
    author: str
    address: str
    user_id: int | None
    customer_id: int | None
    text: str
    html: str
    automatic: str
    unverified: bool
    withdrawn: bool
    edited_at: datetime | None
    deleted_at: datetime | None
    details: dict[str, Any]
    sent_at: datetime | None


def of_attachment(row: message_models.Attachment) -> Attachment:
    """A file as plugins read it."""
    return Attachment(row.id, row.name, row.type, row.size, row.inline)


def of_message(row: message_models.Message) -> Message:
    """A message as plugins read it."""
    return Message(
        id=row.id,
        ticket_id=row.ticket_id,
        kind=row.kind,
        visibility=row.visibility,
        form=row.form,
        at=row.at,
        author=row.author,
        address=row.address,
        user_id=row.user_id,
        customer_id=row.customer_id,
        text=row.text,
        html=row.html,
        automatic=row.automatic,
        unverified=row.unverified,
        withdrawn=row.withdrawn,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        details=dict(row.details or {}),
        sent_at=row.delivery.sent_at if row.delivery else None,
    )
