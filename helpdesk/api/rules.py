"""Conditions and actions: what list views, rules and macros are made of, declared with ``register_conditions`` and
``register_actions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.core.fields import fields
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.rules.actions import Action
from helpdesk.core.rules.conditions import Condition, Conditions, Filter, Scope
from helpdesk.core.sla.order import target_of
from helpdesk.core.tickets import saved_views
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible_ticket

from ._calls import writes
from .tickets import Step, apply

tickets = Ticket.__table__
FACTS = tuple(column.name for column in tickets.c)


def facts(uow: UnitOfWork, ticket_id: int) -> Mapping[str, Any]:
    """What ``test`` of a condition is given of a ticket: every column of its row by name, and ``fields`` {name: value}
    of its custom fields.
    """
    row = visible_ticket(uow, ticket_id, populate_existing=True)
    own = fields.values_of(uow.session, "ticket", [ticket_id]).get(ticket_id, {})
    return {name: getattr(row, name) for name in FACTS} | {"fields": own}


def read_filter(uow: UnitOfWork, data: Any) -> Filter:
    """A filter from plain JSON; Invalid with a sentence when it makes no sense."""
    conditions: Conditions = uow.runtime.conditions
    return conditions.read(data)


@writes
def follow(uow: UnitOfWork, condition: str, old: Any, new: Any) -> int:
    """Let saved views that ask for ``old`` by this condition ask for ``new``; returns how many did."""
    return saved_views.follow(uow, condition, old, new)


def run(uow: UnitOfWork, ticket_id: int, actions: Any) -> None:
    """Carry out actions given as plain JSON on a ticket, in one commit."""
    apply(uow, uow.runtime.actions.steps(actions, ticket_id))


__all__ = [
    "FACTS",
    "Action",
    "Condition",
    "Filter",
    "Scope",
    "Step",
    "apply",
    "facts",
    "follow",
    "read_filter",
    "run",
    "target_of",
    "tickets",
]
