"""Call-backs: a customer's wish to be called, as soon as somebody is free or in a slot, from the wish to its end.

Its row is the promise. Once it stands on a ticket a message by hand, a clock and a place in the line belong to it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import intake, slots, tables
from helpdesk.api.accounts import Account
from helpdesk.api.channels import RawMessage
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.tables import reference
from helpdesk.api.work import UnitOfWork

from .call_events import ASKED
from .calls import Base

FULL = _("This time is taken by now. Please choose another one.")
PROMISED = _("We will call this number already. Please wait for the call, or move or cancel it on its own page.")
OPEN = ("asked", "waiting")
WORDS = 1000  # characters of what it is about


# A number is promised one call at a time, or strangers could let somebody ring all day; colleagues may promise more.
_promised = text("state IN ('asked', 'waiting') AND source IN ('page', 'mail', 'line')")


class CallBack(Base):
    """A wish to be called. ``state``: asked (on no ticket yet), waiting, done, failed, cancelled.

    No two have one ``seat`` of a slot: the database keeps its capacity. ``slot_at`` None: as soon as possible.
    ``since``: from when on they waited already, by telephone.
    """

    __tablename__ = "phone_call_back"
    __table_args__ = (
        UniqueConstraint("account_id", "slot_at", "seat"),
        Index("uq_phone_call_back_open", "number", unique=True, sqlite_where=_promised, postgresql_where=_promised),
    )
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    promised_at: Mapped[datetime]
    slot_at: Mapped[datetime | None]
    seat: Mapped[int | None]
    since: Mapped[datetime | None]
    entry_id: Mapped[int | None]
    ticket_id: Mapped[int | None] = reference("ticket", ondelete="CASCADE", index=True)
    message_id: Mapped[int | None] = reference("message", ondelete="CASCADE", index=True)


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. ``number`` is in the form of E.164; ``source``: page, mail, api, agent or line."""

    account: Account
    number: str
    slot_at: datetime | None = None
    ticket_id: int | None = None
    name: str = ""
    words: str = ""
    language: str = "en"
    zone: str = "Asia/Tehran"
    source: str = "page"
    since: datetime | None = None


def ask(uow: UnitOfWork, wish: Wish, wait: int | None = None) -> CallBack:
    """Keep a wish and its seat; Conflict when the slot is full or none, Invalid when this number is promised a call
    already. ``wait`` is the estimate in seconds.
    """
    key = secrets.token_urlsafe(18)
    if not _keep(uow, wish, key, wait):
        if waits(uow, wish.number):
            raise Invalid(PROMISED, {"phone": PROMISED})
        raise Conflict(FULL)
    hand_over(uow, get(uow, key))
    return get(uow, key)


def ask_once(uow: UnitOfWork, wish: Wish, key: str) -> CallBack | None:
    """Keep a wish under this key; None when its number is promised a call already."""
    _keep(uow, wish, key)
    return uow.session.get(CallBack, key, populate_existing=True)


def _keep(uow: UnitOfWork, wish: Wish, key: str, wait: int | None = None) -> bool:
    given: dict[str, Any] = {"account_id": wish.account.id, "number": wish.number, "ticket_id": wish.ticket_id}
    given |= {"name": wish.name[:200], "words": wish.words[:WORDS], "language": wish.language, "zone": wish.zone}
    given |= {"source": wish.source, "state": "asked", "created_at": uow.clock(), "message_id": None, "entry_id": None}
    given |= {"since": wish.since}
    given |= {"slot_at": wish.slot_at, "promised_at": promised(wish.account, uow.clock(), wish.slot_at, wait)}
    seats = range(int(wish.account.settings["slot_calls"])) if wish.slot_at else [None]
    return any(tables.insert_new(uow, CallBack, key=key, seat=seat, **given) for seat in seats)


def promised(account: Account, now: datetime, slot_at: datetime | None, wait: int | None = None) -> datetime:
    """By when the call is promised: by the end of its slot, or after the estimated wait within the hours."""
    if slot_at is not None:
        slot = slots.at(account.settings, slot_at, now)
        if slot is None:
            raise Conflict(FULL)
        return slot.until
    seconds = wait if wait is not None else int(account.settings["promise_minutes"]) * 60
    return (slots.opening(account.settings, now) or now) + timedelta(seconds=seconds)


def hand_over(uow: UnitOfWork, row: CallBack) -> None:
    """Let a wish that is on no ticket come in as any message does; again when that was broken off."""
    if row.ticket_id is not None or row.state != "asked":
        return
    said = {"event": ASKED, "call_id": external_id(row), "from": row.number, "to": "", "name": row.name}
    said |= {"at": row.created_at.isoformat(), "text": row.words}
    raw = json.dumps(said, ensure_ascii=False).encode()
    intake.take(uow, row.account_id, RawMessage(external_id(row), raw, row.created_at, conversation=row.number))


def external_id(row: CallBack) -> str:
    """By which the message of a wish is known."""
    return f"{ASKED}:{row.key}"


def get(uow: UnitOfWork, key: str) -> CallBack:
    """The call-back; NotFound when there is none."""
    row = uow.session.get(CallBack, key[:40], populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def of_message(uow: UnitOfWork, message_id: int) -> CallBack | None:
    """The call-back that a message by hand belongs to."""
    return uow.session.scalar(select(CallBack).where(CallBack.message_id == message_id))


def of_ticket(uow: UnitOfWork, ticket_id: int) -> list[CallBack]:
    """The call-backs of a ticket, newest first."""
    query = select(CallBack).where(CallBack.ticket_id == ticket_id).order_by(CallBack.created_at.desc()).limit(20)
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def opened(uow: UnitOfWork, limit: int = 200) -> list[CallBack]:
    """Those that are not over, the nearest promise first. Whoever acts is not asked."""
    query = select(CallBack).where(CallBack.state.in_(OPEN)).order_by(CallBack.promised_at).limit(limit)
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def waits(uow: UnitOfWork, number: str) -> bool:
    """True while this number is to be called."""
    query = select(CallBack.key).where(CallBack.number == number, CallBack.state.in_(OPEN)).limit(1)
    return uow.session.scalar(query) is not None


def taken(uow: UnitOfWork, account_id: int, since: datetime) -> dict[datetime, int]:
    """How many seats of each slot are taken."""
    query = select(CallBack.slot_at).where(CallBack.account_id == account_id, CallBack.slot_at >= since)
    counted: dict[datetime, int] = {}
    for moment in uow.session.scalars(query.where(CallBack.seat.is_not(None))):
        counted[moment] = counted.get(moment, 0) + 1
    return counted


def move(uow: UnitOfWork, account: Account, key: str, slot_at: datetime | None) -> CallBack:
    """Another slot, or None for as soon as possible; the old seat is free in the same moment. Conflict when the new
    one is full, or the call-back is over.
    """
    row = get(uow, key)
    if row.state not in OPEN:
        raise Conflict(_("This call is over, or was cancelled."))
    until = promised(account, uow.clock(), slot_at)
    seats = range(int(account.settings["slot_calls"])) if slot_at else [None]
    where = CallBack.key == key, CallBack.state.in_(OPEN)
    for seat in seats:
        try:
            tables.update(uow, CallBack, *where, slot_at=slot_at, seat=seat, promised_at=until)
        except IntegrityError:
            uow.session.rollback()
        else:
            return get(uow, key)
    raise Conflict(FULL)


def settle(uow: UnitOfWork, key: str, state: str) -> bool:
    """End a call-back; its seat is free. False when it was over."""
    where = CallBack.key == key, CallBack.state.in_(OPEN)
    return bool(tables.update(uow, CallBack, *where, state=state, seat=None))
