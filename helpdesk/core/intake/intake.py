"""Intake: raw bytes are stored and committed before anything reads them, and only then acknowledged (law 1)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.rows import insert_or_not
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import storable

from .models import SMALL, RawMessage
from .turns import give_turn

IN_ROW = 64 * 1024  # bytes; larger raw messages are blobs
WORKERS = {False: "raw_messages", True: "interactive"}  # the loop that is notified, by interactive or not


class Accepted(NamedTuple):
    """A raw message's row, and whether this call made it."""

    id: int
    new: bool


def accept(uow: UnitOfWork, account_id: int, received: Received) -> int:
    """Store one raw message; return its id. The same external id a second time is the same raw message."""
    return accept_many(uow, account_id, [received])[0].id


def accept_many(
    uow: UnitOfWork,
    account_id: int,
    received: Iterable[Received],
    cursor: dict[str, Any] | None = None,
    imported: bool = False,
) -> list[Accepted]:
    """Store raw messages, and the account's new cursor with them, in one commit; what became of each, in order."""
    rows = rows_of(uow, account_id, received, imported)
    failpoint("intake.before")
    with uow.writing() as session:
        accepted = store(uow, account_id, rows)
        if cursor is not None:
            session.get_one(Account, account_id).cursor = cursor
    failpoint("intake.stored")
    return accepted


def rows_of(
    uow: UnitOfWork, account_id: int, received: Iterable[Received], imported: bool = False
) -> list[dict[str, Any]]:
    """The rows of raw messages, large ones safe as blobs, before any lock is taken."""
    rows, since = [], time.monotonic()
    for raw_message in received:
        since = give_turn(uow.runtime.pause_bulk, since) if imported else since
        rows.append({**_row(uow, account_id, raw_message), "imported": imported})
    return rows


def store(uow: UnitOfWork, account_id: int, rows: list[dict[str, Any]]) -> list[Accepted]:
    """Insert rows that ``rows_of`` made. Inside ``writing``."""
    interactive = not all(row["imported"] for row in rows) and _is_interactive(uow, account_id)
    accepted = [_stored(uow.session, {**row, "interactive": interactive}) for row in rows]
    for quick in {interactive and row["size"] <= SMALL for row in rows}:
        uow.wake(WORKERS[quick])  # once it is committed, which is later where this is a step of more
    return accepted


def _is_interactive(uow: UnitOfWork, account_id: int) -> bool:
    quick = [name for name, kind in uow.runtime.channels.items() if kind.interactive]
    return bool(quick) and uow.session.scalar(select(Account.channel).where(Account.id == account_id)) in quick


def _row(uow: UnitOfWork, account_id: int, raw_message: Received) -> dict[str, Any]:
    large = len(raw_message.raw) > IN_ROW
    return {
        "account_id": account_id,
        "external_id": storable(raw_message.external_id)[:255],
        "raw": None if large else raw_message.raw,
        "blob": uow.blobs.put(raw_message.raw) if large else "",
        "size": len(raw_message.raw),
        "at": raw_message.at,
        "conversation": storable(raw_message.conversation)[:255],
        "state": "new",
        "attempts": 0,
        "reason": "",
    }


def _stored(session: Session, row: dict[str, Any]) -> Accepted:
    connection = session.connection()
    new = connection.execute(_store(connection.dialect.name), row).scalar()
    if new is not None:
        return Accepted(new, True)
    where = (RawMessage.account_id == row["account_id"], RawMessage.external_id == row["external_id"])
    return Accepted(session.scalars(select(RawMessage.id).where(*where)).one(), False)


@cache
def _store(dialect: str) -> Any:
    return insert_or_not(RawMessage, dialect).returning(RawMessage.id)


def raw(uow: UnitOfWork, raw_message: RawMessage) -> bytes:
    """A raw message's bytes, wherever they are kept."""
    return uow.blobs.get(raw_message.blob) if raw_message.blob else raw_message.raw or b""
