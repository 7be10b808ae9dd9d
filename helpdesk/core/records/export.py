"""Everything the desk and its plugins know of a customer, as plain JSON: for the customer who asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound
from helpdesk.core.fields.fields import values_of
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.records.cards import cards_of
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.core.tickets.models import Ticket

TICKET = ("id", "subject", "status", "priority", "channel", "tags", "created_at", "updated_at")
MESSAGE = ("id", "kind", "form", "at", "author", "address", "text", "html")
FILE = ("name", "type", "size", "sha256")
IDENTITY = ("kind", "address", "verified_at")


def export(uow: UnitOfWork, customer_id: int) -> dict[str, Any]:
    """{customer, fields, identities, tickets with their messages and files, plugins}; internal notes are colleagues'
    words and stay out.
    """
    uow.actor.must("customers.erase")
    customer = by_id(uow.session, Customer, customer_id)
    if customer is None:
        raise NotFound()
    cards = cards_of(uow, customer_id)
    tickets = uow.session.scalars(select(Ticket).where(Ticket.customer_id.in_(cards)).order_by(Ticket.id)).all()
    filled = values_of(uow.session, "ticket", [row.id for row in tickets])
    identities = uow.session.scalars(select(Identity).where(Identity.customer_id == customer_id).order_by(Identity.id))
    own = {
        "customer": _plain(customer, ("id", "name", "language", "created_at")),
        "fields": values_of(uow.session, "customer", [customer_id]).get(customer_id, {}),
        "identities": [_plain(row, IDENTITY) for row in identities],
        "tickets": [
            {**_plain(row, TICKET), "fields": filled.get(row.id, {}), "messages": _messages(uow, row.id)}
            for row in tickets
        ],
    }
    return {**own, "plugins": dict(uow.hooks.announce("export_customer", customer_id=customer_id, uow=uow))}


def _messages(uow: UnitOfWork, ticket_id: int) -> list[dict[str, Any]]:
    rows = uow.session.scalars(
        select(Message).where(Message.ticket_id == ticket_id, Message.kind != "note").order_by(Message.id)
    )
    return [{**_plain(row, MESSAGE), "files": _files(uow, row.id)} for row in rows]


def _files(uow: UnitOfWork, message_id: int) -> list[dict[str, Any]]:
    rows = uow.session.scalars(select(Attachment).where(Attachment.message_id == message_id).order_by(Attachment.id))
    return [_plain(row, FILE) for row in rows]


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: _value(getattr(row, name)) for name in names}


def _value(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
