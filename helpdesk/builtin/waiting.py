"""Waiting people of every desk: a ticket that somebody offers to whoever is free. And entries follow their ticket."""

from __future__ import annotations

from marshmallow import fields, validate

from helpdesk.api import hookimpl
from helpdesk.api.events import TicketChanged, TicketMerged
from helpdesk.api.i18n import _
from helpdesk.api.rules import Action, Step
from helpdesk.api.waiting import WaitingKind, end, follow, join, of_ticket

DESCRIPTION = _("Offers waiting people to whoever is free, and any ticket that should not wait.")
TICKET = WaitingKind("ticket", _("Ticket for whoever is free"), "inbox", capacity=5)
OVER = ("solved", "closed")


def _steps(ticket_id: int, _on: bool) -> list[Step]:
    return [Step(join, TICKET.name, ticket_id)]


OFFER = Action(
    "offer", _("Offer to whoever is free"), fields.Boolean(required=True, validate=validate.Equal(True)), _steps
)


@hookimpl
def register_waiting_kinds() -> list[WaitingKind]:
    """A ticket."""
    return [TICKET]


@hookimpl
def register_actions() -> list[Action]:
    """Offering a ticket."""
    return [OFFER]


@hookimpl
def on_event(event, uow):
    """What is solved waits no longer; what was assigned by hand or merged follows its ticket."""
    recorded = event.event
    if isinstance(recorded, TicketMerged) and event.ticket_id == recorded.source:
        for entry in _open(uow, recorded.source):
            follow(uow, entry.id, recorded.target)
    elif isinstance(recorded, TicketChanged):
        after = recorded.after
        for entry in _open(uow, event.ticket_id):
            if after.get("status") in OVER:
                end(uow, entry.id, after["status"])
            elif after.get("assignee") and entry.taken_by not in (None, after["assignee"]):
                follow(uow, entry.id, user_id=after["assignee"])


def _open(uow, ticket_id: int) -> list:
    return [entry for entry in of_ticket(uow, ticket_id) if entry.open]
