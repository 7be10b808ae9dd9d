"""The moments of a ticket that its clocks react to, and the place that they give it in lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from helpdesk.core.database.base import NEVER
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.sla import clocks
from helpdesk.core.sla.order import by_last_word, by_target

from .message_models import Message
from .models import Ticket

OWED = ("open", "pending")  # the customer waits for us
DONE = ("solved", "closed")
LAST_WORD_QUERY = select(Message.__table__.c.at).where(Message.__table__.c.id == bindparam("message"))


def moment_of(before: str, status: str) -> tuple[str, ...]:
    """The moments (``core.sla.kinds``) of a change of status."""
    back = ("reopened",) if before in DONE and status not in DONE else ()
    if status == "waiting" and before != "waiting":
        return (*back, "waiting")
    if status in DONE and before not in DONE:
        return ("solved",)
    return ("resumed",) if status in OWED and before == "waiting" else back


def observe(uow: UnitOfWork, ticket: Ticket, *moments: str) -> None:
    """Let moments pass over a ticket's clocks and give it its place. Inside ``writing``."""
    place_at(uow, ticket, None if ticket.simulated else clocks.observe(uow, ticket.id, *moments))


def place(uow: UnitOfWork, ticket: Ticket) -> None:
    """Give a ticket its place after its clocks changed."""
    place_at(uow, ticket, clocks.nearest(uow, ticket.id))


def restore(uow: UnitOfWork, ticket: Ticket, before: dict[str, Any]) -> None:
    """Bring back a ticket's ``clocks`` (as ``core.sla.clocks.kept`` wrote them down) and its place, ``target_at``."""
    clocks.restore(uow, ticket.id, before.get("clocks", []))
    ticket.target_at = datetime.fromisoformat(before["target_at"])


def place_at(uow: UnitOfWork, ticket: Ticket, nearest: datetime | None) -> None:
    """Give a ticket its place by its nearest running target, None for none."""
    waits = ticket.status in OWED and ticket.merged_into_id is None
    waiting = by_last_word(_last_word(uow, ticket)) if waits and not nearest else NEVER
    ticket.target_at = by_target(nearest) if nearest else waiting


def _last_word(uow: UnitOfWork, ticket: Ticket) -> datetime:
    """When the customer last wrote; now where they never did."""
    last = {"message": ticket.last_inbound_id}
    return uow.session.connection().scalar(LAST_WORD_QUERY, last) or uow.clock()
