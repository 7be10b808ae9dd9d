"""What the command palette finds on the server: tickets by number or words, and customers by name or telephone
number.
"""

from __future__ import annotations

from flask import url_for

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import normalise
from helpdesk.core.tickets import customers, search

FEW = 6


def answers(uow: UnitOfWork, query: str) -> dict:
    """``{tickets: [{label, sub, number, icon, url}], customers: […]}``, a few of each; empty for an empty query."""
    if not query or not uow.actor.may("tickets.read"):
        return {"tickets": [], "customers": []}
    rows = search.find(uow, query, limit=FEW * 3).items
    return {"tickets": [_ticket(row) for row in rows[:FEW]], "customers": _customers(uow, rows, query)[:FEW]}


def _ticket(row: dict) -> dict:
    return {
        "label": row["subject"] or row["preview"],
        "sub": row["customer"]["name"],
        "number": row["number"],
        "icon": f"st-{row['status']}",
        "url": url_for("ticket.show", ticket_id=row["id"]),
    }


def _customers(uow: UnitOfWork, rows: list[dict], query: str) -> list[dict]:
    wanted = normalise(query)
    named = {row["customer"]["id"]: row["customer"]["name"] for row in rows}
    reads = uow.actor.may("customers.read")
    people = {customer.id: customer.name for customer in customers.by_phone(uow, query)} if reads else {}
    people |= {customer_id: name for customer_id, name in named.items() if wanted in normalise(name)}
    return [
        {"label": name, "icon": "user", "url": url_for("customers.show", customer_id=customer_id)}
        for customer_id, name in people.items()
    ]
