"""How a visitor's chat stands, as clients are told: its phase, who serves it, the place in the line."""

from __future__ import annotations

from typing import Any

from helpdesk.api import people, presence, variables, waiting
from helpdesk.api.accounts import Account
from helpdesk.api.work import UnitOfWork

from . import hours, items, settings
from .items import stamp
from .tables import Visitor

KIND = "chat"  # of those who wait
CALL = "call_back.link"  # the variable of whoever calls back: the address to ask for a call about a ticket


def present(uow: UnitOfWork, account: Account) -> list[presence.Availability]:
    """Those who answer the account's queue and are available for chats, free or not."""
    everybody = presence.everybody(uow, account.queue_id)
    return [one for one in everybody if one.state == "available" and one.capacity.get(KIND, 0) > 0]


def faces(uow: UnitOfWork, account: Account, user_ids: list[int]) -> dict[int, str]:
    """The addresses of the pictures of these people, of those who have one, as visitors of the account reach them."""
    found = people.pictures(uow, user_ids)
    return {user_id: f"/chat/{account.public_key}/pictures/{digest}" for user_id, digest in found.items()}


def is_open(uow: UnitOfWork, account: Account) -> bool:
    """True while chats begin: within the business hours, and while somebody takes them."""
    return hours.of(uow, account).open and bool(present(uow, account))


class Line:
    """What many who wait are told, each thing asked once: whether somebody takes chats, and everybody's place.

    ``there`` holds while somebody is available, also after hours: whoever waits by then is still served.
    """

    def __init__(self, uow: UnitOfWork, account: Account):
        self.uow, opening = uow, hours.of(uow, account)
        self.there = bool(present(uow, account))
        self.open = opening.open and self.there
        self.opens_at = None if opening.open else stamp(opening.opens_at)
        self.places: dict[int, dict[int, waiting.Place]] = {}  # of each queue, by entry

    def place(self, entry: waiting.Entry) -> waiting.Place | None:
        """The place of an entry, None for one that does not wait."""
        if entry.queue_id not in self.places:
            self.places[entry.queue_id] = waiting.places(self.uow, KIND, entry.queue_id)
        return self.places[entry.queue_id].get(entry.id)


def of(uow: UnitOfWork, account: Account, visitor: Visitor, line: Line | None = None) -> dict[str, Any]:
    """The state of a visitor's chat."""
    line = line or Line(uow, account)
    place = _place(uow, visitor, line) if visitor.phase == "waiting" else None
    email = {"address": masked(visitor.email), "proven": visitor.proven, "asked": bool(visitor.code)}
    return {
        "phase": _phase(account, visitor, line.there if place else line.open),
        "open": line.open,
        "opens_at": line.opens_at,
        "agent": visitor.agent or None,
        "place": place,
        "email": email if visitor.email else None,
        "identified": bool(visitor.site_user),
        "rated": visitor.rated,
        "read": visitor.desk_read,
        "callback": _call(uow, account, visitor),
    }


def _call(uow: UnitOfWork, account: Account, visitor: Visitor) -> str:
    """The address to ask for a call about this very chat; "" before its ticket is there, and where none is offered."""
    if visitor.ticket_id is None or not account.settings.get("callback"):
        return ""
    return variables.values(uow, visitor.ticket_id, [CALL]).get(CALL, "")


def _phase(account: Account, visitor: Visitor, opened: bool) -> str:
    if visitor.phase in ("new", "waiting") and not opened and not _must_ask(account, visitor):
        return "away"
    if visitor.phase == "new" and _must_ask(account, visitor):
        return "questions"
    return visitor.phase


def _must_ask(account: Account, visitor: Visitor) -> bool:
    return visitor.phase == "new" and bool(settings.checked(account.settings, visitor.answers)[1])


def _place(uow: UnitOfWork, visitor: Visitor, line: Line) -> dict[str, Any] | None:
    entry = entry_of(uow, visitor)
    found = line.place(entry) if entry and entry.state in ("waiting", "offered") else None
    if found is None:
        return None
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


def tell(uow: UnitOfWork, account: Account, visitor: Visitor, line: Line | None = None) -> None:
    """Tell every page of the visitor how their chat stands."""
    items.tell(uow, visitor, "state", of(uow, account, visitor, line))
