"""Every table of the core, as plain declarative classes. Rows are the truth; nothing else remembers anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from .base import NEVER, Base, utcnow

STATUSES = ("open", "pending", "waiting", "solved", "closed")
ACTIVE = ("open", "pending", "waiting")
PRIORITIES = ("low", "normal", "high", "urgent")
ROLES = ("agent", "trainer", "supervisor", "admin")

Key = Mapped[int]


def key():
    """A whole-number primary key that SQLite, too, never gives out twice."""
    return mapped_column(primary_key=True)


def to(target: str, **options):
    """A foreign key column with an index where it is asked for."""
    cascade = options.pop("cascade", None)
    return mapped_column(ForeignKey(target, ondelete=cascade), **options)


# People of the desk -------------------------------------------------------------------------------------------


class User(Base):
    """Somebody who works here. ``epoch`` goes up when the password or role changes and ends every session."""

    __tablename__ = "user"
    id: Key = key()
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20), default="agent")
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    preferences: Mapped[dict] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    teams: Mapped[list[Team]] = relationship(secondary="team_member", back_populates="members", order_by="Team.id")


class Token(Base):
    """A bearer token for the API; only its SHA-256 is kept."""

    __tablename__ = "token"
    id: Key = key()
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Team(Base):
    """People who answer together."""

    __tablename__ = "team"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(120), unique=True)
    members: Mapped[list[User]] = relationship(secondary="team_member", back_populates="teams", order_by="User.id")
    queues: Mapped[list[Queue]] = relationship(secondary="queue_team", back_populates="teams", order_by="Queue.id")


class TeamMember(Base):
    __tablename__ = "team_member"
    team_id: Mapped[int] = to("team.id", cascade="CASCADE", primary_key=True)
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True, index=True)


class Queue(Base):
    """A line of tickets that belongs to teams. ``promise`` is the time to answer that customers are told, in minutes."""

    __tablename__ = "queue"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(120), unique=True)
    promise: Mapped[int] = mapped_column(default=24 * 60)
    teams: Mapped[list[Team]] = relationship(secondary="queue_team", back_populates="queues", order_by="Team.id")


class QueueTeam(Base):
    __tablename__ = "queue_team"
    queue_id: Mapped[int] = to("queue.id", cascade="CASCADE", primary_key=True)
    team_id: Mapped[int] = to("team.id", cascade="CASCADE", primary_key=True, index=True)


# Where messages of every kind come from ---------------------------------------------------------------------------


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


class Parcel(Base):
    """Raw bytes as they came, kept before anything read them (law 1).

    ``state``: new, done, duplicate, report, nothing, quarantined, discarded. ``lease_until`` is set while somebody works on it.
    A ``quiet`` parcel is history: what it brings is filed, but nobody is written to because of it.
    """

    __tablename__ = "parcel"
    id: Key = key()
    account_id: Mapped[int] = to("account.id", index=True)
    external_id: Mapped[str] = mapped_column(String(255))
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
    """An external message id known in an account, and the ticket it belongs to. Ancestors are kept so that siblings meet."""

    __tablename__ = "reference"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


class OpenThread(Base):
    """At most one ticket at a time for a channel's own thread key (law 3)."""

    __tablename__ = "open_thread"
    account_id: Mapped[int] = to("account.id", primary_key=True)
    thread: Mapped[str] = mapped_column(String(255), primary_key=True)
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", index=True)


# Customers ------------------------------------------------------------------------------------------------------


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


# Tickets --------------------------------------------------------------------------------------------------------


class Ticket(Base):
    """One request of a customer, from first word to last. Its number is its id.

    ``due_at`` is when the running promise ends (``NEVER`` when none runs); ``preview`` the first words of the last message.
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
    merged_into_id: Mapped[int | None] = to("ticket.id")
    follow_up_of_id: Mapped[int | None] = to("ticket.id")
    customer: Mapped[Customer] = relationship()
    queue: Mapped[Queue] = relationship()
    assignee: Mapped[User | None] = relationship()
    account: Mapped[Account] = relationship()
    messages: Mapped[list[Message]] = relationship(back_populates="ticket", order_by="Message.id")

    @property
    def number(self) -> int:
        """What people call it."""
        return self.id


def _active_index(name: str, *columns: str, where: str = "active") -> Index:
    return Index(name, *columns, "due_at", "id", sqlite_where=text(where), postgresql_where=text(where))


_active_index("ix_ticket_queue_active", Ticket.queue_id)
_active_index("ix_ticket_assignee_active", Ticket.assignee_id)
_active_index("ix_ticket_unassigned", Ticket.queue_id, where="active AND assignee_id IS NULL")
_active_index("ix_ticket_waiting", Ticket.queue_id, where="active AND status = 'waiting'")
_given = text("assignee_id IS NOT NULL")
Index("ix_ticket_assignee", Ticket.assignee_id, Ticket.id, sqlite_where=_given, postgresql_where=_given)
Index("ix_ticket_queue_recent", Ticket.queue_id, Ticket.id)
Index("ix_ticket_queue_status", Ticket.queue_id, Ticket.status, Ticket.id)


class Participant(Base):
    """An address that takes part in a ticket: may answer it and is counted as a known voice (law 6)."""

    __tablename__ = "participant"
    ticket_id: Mapped[int] = to("ticket.id", cascade="CASCADE", primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")


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
    ticket: Mapped[Ticket] = relationship(back_populates="messages")
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

    ``to`` and ``cc`` are lists of {kind, value, name}. ``due_at`` is the next try; ``external_id`` is fixed before the first.
    """

    __tablename__ = "delivery"
    id: Key = key()
    message_id: Mapped[int] = to("message.id", cascade="CASCADE", unique=True)
    account_id: Mapped[int] = to("account.id", index=True)
    to: Mapped[list] = mapped_column(default=list)
    cc: Mapped[list] = mapped_column(default=list)
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


# What happened --------------------------------------------------------------------------------------------------


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


class Setting(Base):
    """A setting of the whole desk."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[dict] = mapped_column(default=dict)


class Fault(Base):
    """A plugin's fault, counted (law 5). ``text`` is for the admin alone."""

    __tablename__ = "fault"
    id: Key = key()
    plugin: Mapped[str] = mapped_column(String(120))
    hook: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text, default="")
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (UniqueConstraint("plugin", "hook", "text"),)
