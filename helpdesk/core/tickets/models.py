"""The tables of tickets: customers and their addresses, tickets, who takes part, drafts, merges, and the journal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..base import NEVER, Base, utcnow
from .columns import Key, key, to
from .intake import Account
from .people import Queue, User


class Customer(Base):
    """A person we serve: one record over every channel."""

    __tablename__ = "customer"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    identities: Mapped[list[Identity]] = relationship(back_populates="customer", order_by="Identity.id")


class Identity(Base):
    """An address that reaches a customer; one customer has it. ``bounced`` is the last permanent failure's status."""

    __tablename__ = "identity"
    id: Key = key()
    customer_id: Mapped[int] = to("customer.id", index=True)
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    verified_at: Mapped[datetime | None]
    bounced: Mapped[str] = mapped_column(String(20), default="")
    customer: Mapped[Customer] = relationship(back_populates="identities")
    __table_args__ = (UniqueConstraint("kind", "address"),)




class Ticket(Base):
    """One request of a customer, from first word to last. Its number is its id.

    ``due_at`` is when the running promise ends (``NEVER`` when none runs); ``preview`` the first words of the last message.
    A ticket that rests until a moment is not ``active``, whatever its status: it stands in no list of open work.
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
    tags: Mapped[list] = mapped_column(default=list)
    due_at: Mapped[datetime] = mapped_column(default=NEVER)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    preview: Mapped[str] = mapped_column(String(200), default="")
    last_message_id: Mapped[int] = mapped_column(default=0)
    last_inbound_id: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = to("ticket.id")
    follow_up_of_id: Mapped[int | None] = to("ticket.id")
    customer: Mapped[Customer] = relationship()
    queue: Mapped[Queue] = relationship()
    assignee: Mapped[User | None] = relationship()
    account: Mapped[Account] = relationship()

    @property
    def number(self) -> int:
        """What people call it."""
        return self.id


def _active_index(name: str, column, also: str = "", *asked) -> Index:
    """An index over active tickets alone. SQLite uses it only for a query whose condition is written the same: ``active = 1``.

    The columns of the condition stand at its end, so that counting never has to look at the tickets themselves.
    """
    columns = (column, Ticket.due_at, Ticket.id, Ticket.active, *asked)
    return Index(name, *columns, sqlite_where=text(f"active = 1{also}"), postgresql_where=text(f"active{also}"))


_active_index("ix_ticket_queue_active", Ticket.queue_id)
_active_index("ix_ticket_assignee_active", Ticket.assignee_id)
_active_index("ix_ticket_unassigned", Ticket.queue_id, " AND assignee_id IS NULL", Ticket.assignee_id)
_active_index("ix_ticket_waiting", Ticket.queue_id, " AND status = 'waiting'", Ticket.status)
_given = text("assignee_id IS NOT NULL")
Index("ix_ticket_assignee", Ticket.assignee_id, Ticket.id, sqlite_where=_given, postgresql_where=_given)
Index("ix_ticket_assignee_status", Ticket.assignee_id, Ticket.status, Ticket.id, sqlite_where=_given, postgresql_where=_given)
_resting = text("rests_until IS NOT NULL")
Index("ix_ticket_resting", Ticket.rests_until, Ticket.id, sqlite_where=_resting, postgresql_where=_resting)
Index("ix_ticket_queue_resting", Ticket.queue_id, Ticket.rests_until, Ticket.id, sqlite_where=_resting, postgresql_where=_resting)
Index("ix_ticket_assignee_resting", Ticket.assignee_id, Ticket.rests_until, Ticket.id, sqlite_where=_resting, postgresql_where=_resting)
Index("ix_ticket_queue_recent", Ticket.queue_id, Ticket.id)
Index("ix_ticket_queue_status", Ticket.queue_id, Ticket.status, Ticket.id)


class Participant(Base):
    """An address that takes part in a ticket: may answer it and is counted as a known voice (law 6)."""

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
    messages: Mapped[list] = mapped_column(default=list)
    before: Mapped[dict] = mapped_column(default=dict)
    user_id: Mapped[int | None] = to("user.id")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[datetime | None]


class Draft(Base):
    """What somebody is writing: one for each person, ticket and mode (reply or note)."""

    __tablename__ = "draft"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", primary_key=True)
    mode: Mapped[str] = mapped_column(String(5), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class DraftFile(Base):
    """A file that waits with a draft: of a ticket's reply or note, or of an opening (no ticket). Its bytes are the blob of that hash."""

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
    """What somebody is writing to begin a ticket: one for each person. ``given`` is {account, queue, to, subject, text}."""

    __tablename__ = "opening_draft"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    given: Mapped[dict] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)




class Event(Base):
    """The journal (law 4). ``data`` holds ids and the desk's own values before and after, never a customer's words.

    ``actor`` is "user:3", "customer:8", "desk" or "plugin:name".
    """

    __tablename__ = "event"
    seq: Key = key()
    at: Mapped[datetime] = mapped_column(default=utcnow)
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(60), default="desk")
    ticket_id: Mapped[int | None] = mapped_column(index=True)
    message_id: Mapped[int | None]
    data: Mapped[dict] = mapped_column(default=dict)
    __table_args__ = ({"sqlite_autoincrement": True},)


class Cursor(Base):
    """How far a reader of the journal has come."""

    __tablename__ = "cursor"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(80), default="")
