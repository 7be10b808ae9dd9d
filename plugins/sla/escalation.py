"""What a policy does to a ticket whose target was missed: a priority, another queue, a tag."""

from __future__ import annotations

from typing import Any

from helpdesk.api import sla, tickets
from helpdesk.api.errors import HelpdeskError, _
from helpdesk.api.health import report
from helpdesk.api.i18n import gettext, render_message
from helpdesk.api.work import UnitOfWork

from . import store
from .rules import Policy

FAILED = _("What follows a missed time could not be done on #%(number)s: %(why)s")


def escalate(uow: UnitOfWork, ticket_id: int, clock_name: str) -> None:
    """Do what the policy of the missed clock says, in one commit. Done twice it changes nothing more.

    A ticket that cannot take it, such as one merged away meanwhile, stays as it is; the admin reads why.
    """
    policy = _policy(uow, ticket_id, clock_name)
    facts = changes(policy, tickets.get(uow, ticket_id)) if policy else {}
    if not facts:
        return
    try:
        tickets.change(uow, ticket_id, **facts)
    except HelpdeskError as problem:
        report(uow, "sla", gettext(FAILED, number=str(ticket_id), why=render_message(problem)))


def changes(policy: Policy, ticket: tickets.Ticket) -> dict[str, Any]:
    """The facts that ``tickets.change`` is to write. A priority is raised, never lowered."""
    said, facts = policy.escalation, {}
    order = tickets.PRIORITIES.index
    if said.get("priority") and order(said["priority"]) > order(ticket.priority):
        facts["priority"] = said["priority"]
    if said.get("queue") and said["queue"] != ticket.queue_id:
        facts["queue_id"] = said["queue"]
    if said.get("tag") and said["tag"] not in ticket.tags:
        facts["more_tags"] = [said["tag"]]
    return facts


def _policy(uow: UnitOfWork, ticket_id: int, clock_name: str) -> Policy | None:
    """The policy by which the clock got the target that was missed."""
    missed = [c for c in sla.of_ticket(uow, ticket_id, all_=True) if c.name == clock_name and c.breached_at]
    reasons = missed[-1].reasons if missed else {}
    policies = store.version(uow, reasons["rules"]).policies if "rules" in reasons else ()
    return next((policy for policy in policies if policy.id == reasons["policy"]), None)
