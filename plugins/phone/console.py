"""What consoles see of calls at once: the card of a known caller with their open tickets, and logging calls by keys."""

from __future__ import annotations

from typing import Any

from helpdesk.api import customers, live, messages, tickets
from helpdesk.api.errors import Invalid
from helpdesk.api.i18n import _, gettext
from helpdesk.api.text import phone_for_reading
from helpdesk.api.web import ComposerTool
from helpdesk.api.work import UnitOfWork

from . import outgoing, wording
from .calls import LIVE, Call

SHOWN = 5  # open tickets of a caller
LOGGED = {
    "reached": _("Spoke by telephone"),
    "no_answer": _("Called, no answer"),
    "busy": _("Called, busy"),
    "voicemail": _("Called, left a voice message"),
    "wrong_number": _("Called, wrong number"),
    "called_us": _("Was called by the customer"),
}
LOG = ComposerTool(
    name="log", title=_("Log a call"), icon="call", modes=("ticket",), script="phone.js", style="phone.css"
)


def tell(uow: UnitOfWork, call: Call) -> None:
    """Show a call in the consoles of those who may see its ticket; one that is over takes its card away."""
    if call.ticket_id is None:
        return
    data = {"call": call.id, "state": call.state, "ticket": call.ticket_id}
    if call.state in LIVE:
        data |= _caller(uow, call)
    live.emit(uow, "phone", "call", data, live.rooms_of(uow, call.ticket_id))


def tell_made(uow: UnitOfWork, call: Call) -> None:
    """Let the calling screen of a call that the desk made ask how it stands."""
    if call.ticket_id is not None and call.message_id is not None:
        live.emit(uow, "phone", "made", {"message": call.message_id}, live.rooms_of(uow, call.ticket_id))


def _made(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    """How the last call for a message stands, for the reader."""
    message = data.get("message")
    ticket = messages.get(uow, message if type(message) is int else 0).ticket_id
    found = [call for call in outgoing.of_message(uow, message) if call.ticket_id == ticket]
    if not found:
        return {"told": ""}
    return {"told": wording.made(found[-1].state, found[-1].seconds), "state": found[-1].state}


def _caller(uow: UnitOfWork, call: Call) -> dict[str, Any]:
    """Who calls: name, number and, for whoever may see the ticket alone, its number. Others of theirs are asked for."""
    ticket = tickets.get(uow, call.ticket_id or 0)
    customer = customers.get(uow, ticket.customer_id)
    known = "" if customer.name == call.number else customer.name
    shown = phone_for_reading(call.number)[0] or call.number
    return {"name": known, "number": shown, "line": call.line, "since": call.began_at.isoformat()}


def _open(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    """The open tickets of the customer of a ticket, as far as the asking person sees them."""
    asked = tickets.get(uow, _id(data))
    found = customers.tickets(uow, asked.customer_id)
    rows = [row for row in found if row["status"] not in ("solved", "closed")][:SHOWN]
    return {"tickets": [{"id": row["id"], "subject": row["subject"] or row["preview"]} for row in rows]}


def _log(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    """Note that a call was made or came in, by the code of its outcome."""
    code = data.get("code")
    if code not in LOGGED:
        raise Invalid(_("Please choose an outcome."))
    words = gettext(LOGGED[code])
    note = messages.note(uow, _id(data), words)
    return {"said": words, "message": note.id}


def _choices(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    """What can be logged, by digits."""
    return {"choices": [{"code": code, "label": gettext(words)} for code, words in LOGGED.items()]}


def _id(data: dict[str, Any]) -> int:
    value = data.get("ticket")
    return value if type(value) is int else 0


NAMESPACE = live.Namespace({"open": _open, "made": _made, "log": _log, "choices": _choices})
