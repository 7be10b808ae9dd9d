"""The tables of tickets: tickets, who participates, threads and references, drafts and merges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import NEVER, Base, utcnow
from helpdesk.core.database.columns import Key, key, to
from helpdesk.core.people.models import Customer, Queue, User


class Reference(Base):
    """An external id that a message of this ticket named: siblings whose parent never came meet by it."""

    __tablename__ = "reference"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


class ConversationThread(Base):
    """A channel's own thread key and its open ticket: one at a time (law 3). A ticket may have several, over several
    accounts.
    """

    __tablename__ = "conversation_thread"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    thread_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


class Ticket(Base):
    """One request of a customer, from first word to last. Its number is its id.

    ``target_at`` is its place in lists of open work (``core.sla.order``): the nearest running target, else by the
    customer's last word; ``NEVER`` when nobody waits for us. ``preview`` holds the first words of the last message.
    A ticket that is snoozed or ``simulated`` is not ``active``, whatever its status: it stands in no list of open work.
    """

    __tablename__ = "ticket"
    id: Key = key()
    subject: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[str] = mapped_column(String(10), default="open")
    active: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[str] = mapped_column(String(10), default="normal")
    queue_id: Mapped[int] = to("queue.id")
    assignee_id: Mapped[int | None] = to("user.id")
    customer_id: Mapped[int] = to("customer.id", index=True)
    account_id: Mapped[int] = to("account.id")
    channel: Mapped[str] = mapped_column(String(40))
    tags: Mapped[list[Any]] = mapped_column(default=list)
    target_at: Mapped[datetime] = mapped_column(default=NEVER)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    preview: Mapped[str] = mapped_column(String(200), default="")
    last_message_id: Mapped[int] = mapped_column(default=0)
    last_inbound_id: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
    snoozed_until: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = to("ticket.id")
    follow_up_of_id: Mapped[int | None] = to("ticket.id")
    simulated: Mapped[bool] = mapped_column(default=False, server_default=false())
    customer: Mapped[Customer] = relationship()
    queue: Mapped[Queue] = relationship()
    assignee: Mapped[User | None] = relationship()
    account: Mapped[Account] = relationship()

    @property
    def number(self) -> int:
        """What people call it."""
        return self.id


def _active_index(name: str, column: Any, also: str = "", *asked: Any) -> Index:
    """An index over active tickets alone. SQLite uses it only for a query whose condition is written the same: ``active
    = 1``.

    The columns of the condition stand at its end, so that counting never has to look at the tickets themselves.
    """
    columns = (column, Ticket.target_at, Ticket.id, Ticket.active, *asked)
    return Index(name, *columns, sqlite_where=text(f"active = 1{also}"), postgresql_where=text(f"active{also}"))


_active_index("ix_ticket_queue_active", Ticket.queue_id)
_active_index("ix_ticket_assignee_active", Ticket.assignee_id)
_active_index("ix_ticket_unassigned", Ticket.queue_id, " AND assignee_id IS NULL", Ticket.assignee_id)
_active_index("ix_ticket_waiting", Ticket.queue_id, " AND status = 'waiting'", Ticket.status)
_given = text("assignee_id IS NOT NULL")
Index("ix_ticket_assignee", Ticket.assignee_id, Ticket.id, sqlite_where=_given, postgresql_where=_given)
Index(
    "ix_ticket_assignee_status",
    Ticket.assignee_id,
    Ticket.status,
    Ticket.id,
    sqlite_where=_given,
    postgresql_where=_given,
)
_snoozed = text("snoozed_until IS NOT NULL")
Index("ix_ticket_snoozed", Ticket.snoozed_until, Ticket.id, sqlite_where=_snoozed, postgresql_where=_snoozed)
Index(
    "ix_ticket_queue_snoozed",
    Ticket.queue_id,
    Ticket.snoozed_until,
    Ticket.id,
    sqlite_where=_snoozed,
    postgresql_where=_snoozed,
)
Index(
    "ix_ticket_assignee_snoozed",
    Ticket.assignee_id,
    Ticket.snoozed_until,
    Ticket.id,
    sqlite_where=_snoozed,
    postgresql_where=_snoozed,
)
_simulated: dict[str, Any] = {"sqlite_where": text("simulated = 1"), "postgresql_where": text("simulated")}
Index("ix_ticket_queue_simulated", Ticket.queue_id, Ticket.id, **_simulated)
Index("ix_ticket_assignee_simulated", Ticket.assignee_id, Ticket.id, **_simulated)
Index("ix_ticket_queue_recent", Ticket.queue_id, Ticket.id)
Index("ix_ticket_queue_status", Ticket.queue_id, Ticket.status, Ticket.id)


class Participant(Base):
    """An address that participates in a ticket: it may answer it and is a known sender (law 6)."""

    __tablename__ = "participant"
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")


class Merge(Base):
    """One ticket put into another, with what moved, so that it can be taken back."""

    __tablename__ = "merge"
    id: Key = key()
    source_id: Mapped[int] = to("ticket.id", index=True)
    target_id: Mapped[int] = to("ticket.id", index=True)
    messages: Mapped[list[Any]] = mapped_column(default=list)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int | None] = to("user.id")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[datetime | None]


class SavedView(Base):
    """A list by conditions (``rules.conditions``) under a name; of one person, or of everybody (no owner)."""

    __tablename__ = "saved_view"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(60))
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int | None] = to("user.id", cascade="CASCADE", index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Draft(Base):
    """What somebody is writing: one for each person, ticket and mode (reply or note).

    ``how`` is {account, visibility, template} as it was chosen for a reply (``drafts.chosen``), {} for the usual.
    """

    __tablename__ = "draft"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", primary_key=True)
    mode: Mapped[str] = mapped_column(String(5), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    how: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class DraftFile(Base):
    """A file that waits with a draft: of a ticket's reply or note, or of an opening (no ticket). Its bytes are the
    blob of that hash.
    """

    __tablename__ = "draft_file"
    id: Key = key()
    user_id: Mapped[int] = to("user.id", cascade="CASCADE")
    ticket_id: Mapped[int | None] = to("ticket.id", cascade="CASCADE", index=True)
    mode: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (Index("ix_draft_file_draft", "user_id", "ticket_id", "mode"),)


class OpeningDraft(Base):
    """What somebody is writing to begin a ticket: one for each person. ``given`` is {account, queue, to, subject,
    text}.
    """

    __tablename__ = "opening_draft"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    given: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
