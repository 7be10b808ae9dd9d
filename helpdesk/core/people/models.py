"""The tables of people: users, teams and queues; customers and their identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to


class User(Base):
    """Somebody who works here. ``epoch`` goes up when the password or role changes, or when asked to, and ends every
    session.
    """

    __tablename__ = "user"
    id: Key = key()
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20), default="agent")
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    teams: Mapped[list[Team]] = relationship(secondary="team_member", back_populates="members", order_by="Team.id")


class UserPicture(Base):
    """The picture of a user, as the desk made it (WebP); ``digest`` is in its address."""

    __tablename__ = "user_picture"
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True)
    digest: Mapped[str] = mapped_column(String(40), index=True)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))


class Role(Base):
    """What the desk's admins changed of a role: permissions ``given`` and ``taken``, against its defaults. ``label`` is
    the name of a role of the desk's own.
    """

    __tablename__ = "role"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    given: Mapped[list[Any]] = mapped_column(default=list)
    taken: Mapped[list[Any]] = mapped_column(default=list)


class Token(Base):
    """A bearer token for the API; only its SHA-256 is kept.

    ``scopes`` are names of permissions, None for all its owner has.
    """

    __tablename__ = "token"
    id: Key = key()
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    scopes: Mapped[list[Any] | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class EndedSession(Base):
    """A session somebody signed out of, by its key: whoever kept its cookie cannot go on with it."""

    __tablename__ = "ended_session"
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)


class SignInTry(Base):
    """How often a password was tried for an address or from a place (its SHA-256) before ``ends_at``."""

    __tablename__ = "sign_in_try"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class Team(Base):
    """People who answer together."""

    __tablename__ = "team"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(120), unique=True)
    members: Mapped[list[User]] = relationship(secondary="team_member", back_populates="teams", order_by="User.id")
    queues: Mapped[list[Queue]] = relationship(secondary="queue_team", back_populates="teams", order_by="Queue.id")


class TeamMember(Base):
    """Who is in which team."""

    __tablename__ = "team_member"
    team_id: Mapped[int] = to("team.id", cascade="CASCADE", primary_key=True)
    user_id: Mapped[int] = to("user.id", cascade="CASCADE", primary_key=True, index=True)


class Queue(Base):
    """A line of tickets that belongs to teams. ``target_minutes`` is the time to answer that customers are promised, in
    minutes.

    ``handover``: other teams, too, may hand their tickets over to it.
    """

    __tablename__ = "queue"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(120), unique=True)
    target_minutes: Mapped[int] = mapped_column(default=24 * 60)
    handover: Mapped[bool] = mapped_column(default=False)
    teams: Mapped[list[Team]] = relationship(secondary="queue_team", back_populates="queues", order_by="Team.id")


class QueueTeam(Base):
    """Which teams a queue belongs to."""

    __tablename__ = "queue_team"
    queue_id: Mapped[int] = to("queue.id", cascade="CASCADE", primary_key=True)
    team_id: Mapped[int] = to("team.id", cascade="CASCADE", primary_key=True, index=True)


class Customer(Base):
    """A person we serve: one record over every channel."""

    __tablename__ = "customer"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    identities: Mapped[list[Identity]] = relationship(back_populates="customer", order_by="Identity.id")


class Identity(Base):
    """An address that reaches a customer; one customer has it. ``bounced`` is the last permanent failure's status.

    ``claim`` is 0 for the one who has it. Where somebody wrote it down who may not see whose it is, their card has it
    too, with its own customer's id here.
    """

    __tablename__ = "identity"
    id: Key = key()
    customer_id: Mapped[int] = to("customer.id", index=True)
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    verified_at: Mapped[datetime | None]
    bounced: Mapped[str] = mapped_column(String(20), default="")
    claim: Mapped[int] = mapped_column(default=0)
    customer: Mapped[Customer] = relationship(back_populates="identities")
    __table_args__ = (UniqueConstraint("kind", "address", "claim"),)
