"""What could not be read at all: kept whole, with a reason, to be looked at, tried again or thrown away by an admin."""

from __future__ import annotations

from sqlalchemy import func, select

from . import intake
from .database import by_id
from .errors import NotFound, _
from .events.intake import ParcelDiscarded, ParcelRead, ParcelRetried
from .models import Parcel


def items(desk, after: int | None = None, limit: int = 50) -> list[Parcel]:
    """Quarantined parcels, newest first, older than id ``after``."""
    desk.actor.must("settings")
    query = select(Parcel).where(Parcel.state == "quarantined").order_by(Parcel.id.desc()).limit(limit)
    return list(desk.session.scalars(query.where(Parcel.id < after) if after else query))


def count(desk) -> int:
    """How many wait there (counted up to 1,000)."""
    query = select(Parcel.id).where(Parcel.state == "quarantined").limit(1000)
    return desk.session.scalar(select(func.count()).select_from(query.subquery()))


def get(desk, parcel_id: int) -> Parcel:
    """A quarantined parcel, or NotFound."""
    desk.actor.must("settings")
    parcel = by_id(desk.session, Parcel, parcel_id)
    if parcel is None or parcel.state != "quarantined":
        raise NotFound()
    return parcel


def raw(desk, parcel_id: int) -> bytes:
    """The bytes as they came; reading them is written down. NotFound when their file is gone."""
    parcel = get(desk, parcel_id)
    try:
        content = intake.raw(desk, parcel)
    except OSError as error:
        raise NotFound(_("Its bytes cannot be read from the disk (%(fault)s)."), fault=type(error).__name__) from error
    with desk.writing():
        desk.record(ParcelRead(parcel=parcel_id))
    return content


def retry(desk, parcel_id: int) -> Parcel:
    """Put a parcel back in line as if it had just come."""
    with desk.writing():
        parcel = get(desk, parcel_id)
        parcel.state, parcel.attempts, parcel.lease_until, parcel.reason = "new", 0, None, ""
        desk.record(ParcelRetried(parcel=parcel_id))
    desk.house.wake("parcels")
    return parcel


def discard(desk, parcel_id: int) -> None:
    """Set a parcel aside for good; its bytes stay."""
    with desk.writing():
        get(desk, parcel_id).state = "discarded"
        desk.record(ParcelDiscarded(parcel=parcel_id))
