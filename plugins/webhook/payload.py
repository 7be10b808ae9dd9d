"""What an endpoint is told of an event: the event as the REST API gives it, and its ticket as it is now."""

from __future__ import annotations

import json
from typing import Any

from helpdesk.api import messages, tickets
from helpdesk.api.errors import NotFound
from helpdesk.api.work import UnitOfWork

from .tables import Call

WORDS = ("subject", "preview")  # of a ticket
LONGEST = 20_000  # characters of a message


def body(uow: UnitOfWork, call: Call, words: bool) -> bytes:
    """The JSON of a call; without ``words`` nothing that a person wrote stands in it, nor a customer's name."""
    told = {"event": _event(call), "ticket": _ticket(uow, call.ticket_id, words)}
    if words and call.message_id:
        told["message"] = _message(uow, call.message_id)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _event(call: Call) -> dict[str, Any]:
    return {
        "seq": call.seq,
        "at": call.at.isoformat(),
        "kind": call.kind,
        "actor": call.actor,
        "ticket": call.ticket_id,
        "message": call.message_id,
        "data": call.data,
    }


def _ticket(uow: UnitOfWork, ticket_id: int | None, words: bool) -> dict[str, Any] | None:
    if ticket_id is None:
        return None
    try:
        told = tickets.as_rest(uow, ticket_id)
    except NotFound:
        return None  # it was erased since
    if words:
        return told
    return {name: value for name, value in told.items() if name not in WORDS} | {
        "customer": {"id": told["customer"]["id"]}
    }


def _message(uow: UnitOfWork, message_id: int) -> dict[str, Any] | None:
    """A message to or from a customer; what colleagues write among themselves stays here."""
    try:
        row = messages.get(uow, message_id)
    except NotFound:
        return None
    if row.kind == "note" or row.withdrawn:
        return None
    same = {name: getattr(row, name) for name in ("id", "kind", "form", "visibility", "author", "address")}
    return same | {"at": row.at.isoformat(), "text": row.text[:LONGEST]}
