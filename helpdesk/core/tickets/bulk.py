"""What people do to several tickets at once: each authorised and written for itself, who is left out is named with the
reason.

Every ticket has a commit of its own, so that other writers come in between and one refusal undoes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import merge as merging
from . import tickets
from .models import Ticket
from .visibility import visible_ticket

MOST = 100  # tickets in one go
UNKNOWN = _("They do not exist, or you may not see them.")


@dataclass
class Outcome:
    """``done`` are the tickets it was done to, ``left`` those left out, each with its reason; ``target`` is what was
    merged into.
    """

    done: list[int] = field(default_factory=list)
    left: dict[int, HelpdeskError] = field(default_factory=dict)
    target: int | None = None


def change(uow: UnitOfWork, ids: list[int], **facts: Any) -> Outcome:
    """Change the same facts of all these tickets; ``facts`` are those of ``tickets.change``."""
    uow.actor.must("tickets.write")
    outcome = Outcome()
    for ticket_id in _chosen(ids):
        _each(outcome, ticket_id, lambda ticket_id: tickets.change(uow, ticket_id, **facts))
    return outcome


def carry_out(uow: UnitOfWork, ids: list[int], actions: list[dict[str, Any]]) -> Outcome:
    """Carry out actions (``rules.actions``, plain JSON) on all these tickets, each in a commit of its own."""
    uow.actor.must("tickets.write")
    outcome = Outcome()
    for ticket_id in _chosen(ids):
        _each(outcome, ticket_id, lambda ticket_id: _carry_out(uow, ticket_id, actions))
    return outcome


def _carry_out(uow: UnitOfWork, ticket_id: int, actions: list[dict[str, Any]]) -> None:
    visible_ticket(uow, ticket_id, "tickets.write")
    steps = uow.runtime.actions.steps(actions, ticket_id)
    with uow.writing():
        for step in steps:
            step.function(uow, *step.given, **step.named)


def merge(uow: UnitOfWork, ids: list[int], sure: bool = False) -> Outcome:
    """Put all these tickets into the oldest of them; Conflict when they are of several customers and nobody said to
    be ``sure``.
    """
    uow.actor.must("tickets.write")
    outcome, found = Outcome(), []
    for ticket_id in _chosen(ids):
        _each(outcome, ticket_id, lambda ticket_id: found.append(_mergeable(uow, ticket_id)))
    if len(found) < 2:
        raise Invalid(_("Choose at least two tickets that can be merged."))
    if len({ticket.customer_id for ticket in found}) > 1 and not sure:
        raise Conflict(
            _(
                "These tickets are of different customers. Whoever takes part in one of them will take part "
                "in the merged one."
            )
        )
    outcome.target, *sources = outcome.done = sorted(outcome.done)
    target = outcome.target
    for source in sources:
        _each(outcome, source, lambda source: merging.merge(uow, source, target))
    return outcome


def _chosen(ids: list[int]) -> list[int]:
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise Invalid(_("Please choose some tickets first."))
    if len(chosen) > MOST:
        raise Invalid(_("Please choose at most %(most)s tickets at once."), most=MOST)
    return chosen


def _each(outcome: Outcome, ticket_id: int, act: Callable[[int], object]) -> None:
    """Do it to one ticket and note how it went."""
    try:
        act(ticket_id)
    except (NotFound, Invalid, Conflict) as reason:
        outcome.done = [done for done in outcome.done if done != ticket_id]
        outcome.left[ticket_id] = NotFound(UNKNOWN) if isinstance(reason, NotFound) else reason
    else:
        outcome.done += [] if ticket_id in outcome.done else [ticket_id]


def _mergeable(uow: UnitOfWork, ticket_id: int) -> Ticket:
    ticket = visible_ticket(uow, ticket_id, "tickets.write")
    if ticket.merged_into_id:
        raise Conflict(_("This ticket was merged into #%(number)s."), number=str(ticket.merged_into_id))
    return ticket
