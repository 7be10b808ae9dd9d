"""How often calls may be asked for: by number and by network address, counted in rows, so that two at once count as
two.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables
from helpdesk.api.errors import Invalid, _
from helpdesk.api.work import UnitOfWork

from .calls import Base

PER_NUMBER, PER_PLACE = 3, 10  # an hour
KEPT = timedelta(days=2)
TOO_MANY = _("Too many calls were asked for lately. Please try again in an hour, or write to us.")


class Asked(Base):
    """One of the wishes that a key may have in an hour; ``key`` is a hash, no number and no address."""

    __tablename__ = "phone_asked"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)


def count(uow: UnitOfWork, number: str, place: str) -> None:
    """Count one wish; Invalid when this number, or this network address, had too many in this hour."""
    if place:
        _count(uow, f"place {place}", PER_PLACE)
    _count(uow, f"number {number}", PER_NUMBER)


def _count(uow: UnitOfWork, key: str, most: int) -> None:
    hashed = hashlib.sha256(key.encode()).hexdigest()
    hour = uow.clock().replace(minute=0, second=0, microsecond=0)
    if not any(tables.insert_new(uow, Asked, key=hashed, hour=hour, place=place) for place in range(most)):
        raise Invalid(TOO_MANY, {"phone": TOO_MANY})


def forget(uow: UnitOfWork) -> int:
    """Delete what is over; returns how many rows."""
    return tables.delete(uow, Asked, Asked.hour < uow.clock() - KEPT)
