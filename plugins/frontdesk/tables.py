"""The tables of the front desk: a visit for each number, and the counter at which somebody serves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables

Base = tables.base("frontdesk")
NEW, WAITING, CALLED, SERVED, NO_SHOW, LEFT = "new", "waiting", "called", "served", "no_show", "left"
THERE = (NEW, WAITING)


class Visit(Base):
    """Somebody who took a number. ``day`` is that of the kiosk; ``phone`` is what they typed, which proves nothing.

    ``place_at`` orders the line: when they came, or for an appointment some time before its slot. ``state``: new until
    its ticket is there, waiting, called to ``counter``, then served, no_show or left.
    """

    __tablename__ = "frontdesk_visit"
    __table_args__ = (
        UniqueConstraint("account_id", "day", "number"),
        Index("ix_frontdesk_visit_state", "account_id", "state", "joined_at"),
        Index("ix_frontdesk_visit_customer_id", "customer_id"),
    )
    id: Mapped[int] = tables.key()
    account_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    topic: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str] = mapped_column(String(40))
    ticket_id: Mapped[int | None]
    customer_id: Mapped[int | None]
    entry_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime]
    place_at: Mapped[datetime]
    counter: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None]
    called_at: Mapped[datetime | None]
    last_call_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


BOOKED, ARRIVED, CANCELLED, MISSED = "booked", "arrived", "cancelled", "missed"
_booked = text("state = 'booked'")


class Appointment(Base):
    """A time at which a ticket's customer comes. ``code`` is what they type at the kiosk, one of a day; ``seat`` one of
    the places of a slot, None once it is free again. ``state``: booked, arrived, cancelled, missed.
    """

    __tablename__ = "frontdesk_appointment"
    __table_args__ = (
        UniqueConstraint("account_id", "slot_at", "seat"),
        UniqueConstraint("account_id", "day", "code"),
        Index(
            "uq_frontdesk_appointment_booked", "ticket_id", unique=True, sqlite_where=_booked, postgresql_where=_booked
        ),
    )
    id: Mapped[int] = tables.key()
    account_id: Mapped[int] = mapped_column(BigInteger)
    ticket_id: Mapped[int] = tables.reference("ticket", ondelete="CASCADE")
    slot_at: Mapped[datetime]
    seat: Mapped[int | None]
    day: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]


class Taken(Base):
    """One of the numbers that a network address took in an hour; ``key`` is a hash of the account and the address."""

    __tablename__ = "frontdesk_taken"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)


class Counter(Base):
    """Where somebody serves: an account and the name of the counter."""

    __tablename__ = "frontdesk_counter"
    user_id: Mapped[int] = tables.reference("user", ondelete="CASCADE", primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(20))
