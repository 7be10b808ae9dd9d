"""The door: raw bytes are stored and committed before anything reads them, and only then acknowledged (law 1)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from sqlalchemy import select

from .channels import Parcel as Arrived
from .database import insert_or_not
from .failpoints import step
from .models import Account, Parcel
from .text import storable

IN_ROW = 64 * 1024  # bytes; larger parcels are blobs


class Accepted(NamedTuple):
    """A parcel's row, and whether this call made it."""

    id: int
    new: bool


def accept(desk, account_id: int, arrived: Arrived) -> int:
    """Store one parcel; return its id. The same external id a second time is the same parcel."""
    return accept_many(desk, account_id, [arrived])[0].id


def accept_many(desk, account_id: int, arrived: Iterable[Arrived], cursor: dict | None = None, quiet: bool = False) -> list[Accepted]:
    """Store parcels, and the account's new cursor with them, in one commit; what became of each, in order."""
    rows = [{**_row(desk, account_id, parcel), "quiet": quiet} for parcel in arrived]
    step("intake.before")
    with desk.writing() as session:
        accepted = [_stored(session, row) for row in rows]
        if cursor is not None:
            session.get(Account, account_id).cursor = cursor
    step("intake.stored")
    if accepted:
        desk.house.wake("parcels")
    return accepted


def _row(desk, account_id: int, parcel: Arrived) -> dict:
    large = len(parcel.raw) > IN_ROW
    return {
        "account_id": account_id,
        "external_id": storable(parcel.external_id)[:255],
        "raw": None if large else parcel.raw,
        "blob": desk.blobs.put(parcel.raw) if large else "",
        "size": len(parcel.raw),
        "at": parcel.at,
        "conversation": storable(parcel.conversation)[:255],
        "state": "new",
        "attempts": 0,
        "reason": "",
    }


def _stored(session, row: dict) -> Accepted:
    connection = session.connection()
    new = connection.execute(_store(connection.dialect.name), row).scalar()
    if new is not None:
        return Accepted(new, True)
    where = (Parcel.account_id == row["account_id"], Parcel.external_id == row["external_id"])
    return Accepted(session.scalar(select(Parcel.id).where(*where)), False)


@cache
def _store(dialect: str):
    return insert_or_not(Parcel, dialect).returning(Parcel.id)


def raw(desk, parcel: Parcel) -> bytes:
    """A parcel's bytes, wherever they are kept."""
    return desk.blobs.get(parcel.blob) if parcel.blob else parcel.raw
