"""How a visitor's chat stands, as clients are told: its phase, who serves it, the place in the line."""

from __future__ import annotations

from typing import Any

from helpdesk.api import presence, waiting
from helpdesk.api.accounts import Account
from helpdesk.api.work import UnitOfWork

from . import items, settings
from .tables import Visitor

KIND = "chat"  # of those who wait


def is_open(uow: UnitOfWork, account: Account) -> bool:
    """True while somebody who answers the account's queue is available for chats, free or not."""
    people = presence.everybody(uow, account.queue_id)
    return any(one.state == "available" and one.capacity.get(KIND, 0) > 0 for one in people)


def of(uow: UnitOfWork, account: Account, visitor: Visitor) -> dict[str, Any]:
    """The state of a visitor's chat."""
    opened = is_open(uow, account)
    place = _place(uow, visitor) if visitor.phase == "waiting" else None
    email = {"address": masked(visitor.email), "proven": visitor.proven, "asked": bool(visitor.code)}
    return {
        "phase": _phase(account, visitor, opened),
        "open": opened,
        "opens_at": None,
        "agent": visitor.agent or None,
        "place": place,
        "email": email if visitor.email else None,
        "identified": bool(visitor.site_user),
        "rated": visitor.rated,
        "read": visitor.desk_read,
    }


def _phase(account: Account, visitor: Visitor, opened: bool) -> str:
    if visitor.phase in ("new", "waiting") and not opened and not _must_ask(account, visitor):
        return "away"
    if visitor.phase == "new" and _must_ask(account, visitor):
        return "questions"
    return visitor.phase


def _must_ask(account: Account, visitor: Visitor) -> bool:
    return visitor.phase == "new" and bool(settings.checked(account.settings, visitor.answers)[1])


def _place(uow: UnitOfWork, visitor: Visitor) -> dict[str, Any] | None:
    entry = entry_of(uow, visitor)
    if entry is None or entry.state not in ("waiting", "offered"):
        return None
    found = waiting.place(uow, entry.id)
    return {"position": found.position, "seconds": found.seconds, "low": found.low, "high": found.high}


def entry_of(uow: UnitOfWork, visitor: Visitor) -> waiting.Entry | None:
    """The visitor's open entry in the line, or None."""
    if visitor.ticket_id is None:
        return None
    return next((one for one in waiting.of_ticket(uow, visitor.ticket_id) if one.open and one.kind == KIND), None)


def masked(address: str) -> str:
    """An address as its owner recognises it and nobody else can use it."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else ""


def tell(uow: UnitOfWork, account: Account, visitor: Visitor) -> None:
    """Tell every page of the visitor how their chat stands."""
    items.tell(uow, visitor, "state", of(uow, account, visitor))
