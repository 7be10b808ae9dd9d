"""How a ticket can be answered: by which account, for whose eyes, and what its channel carries of it."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.tickets.visibility import visible_ticket


@dataclass(frozen=True)
class Way:
    """The account an answer would leave by. ``visibility`` is that of the customer's last message on it; ``is_open`` is
    False once only a template may be sent; ``refusal`` is the sentence why it cannot be used at all, or "".
    """

    account_id: int
    account: str
    channel: str
    accepts: Accepts
    visibility: str
    is_open: bool
    refusal: str


def usual(uow: UnitOfWork, ticket_id: int, account_id: int | None = None) -> Way:
    """The way an answer takes unless another account is chosen; NotFound for a ticket the actor may not answer."""
    ticket = visible_ticket(uow, ticket_id, "tickets.write")
    account = ways_out.chosen(uow, ticket, account_id) if account_id else ways_out.usual(uow, ticket)
    way = ways_out.way_of(uow, ticket, account)
    visibility = ways_out.last_visibility(uow, ticket_id, account.id) if way.accepts.public else "private"
    return Way(account.id, account.name, account.channel, way.accepts, visibility, way.is_open, way.refusal)


__all__ = ["Way", "usual"]
