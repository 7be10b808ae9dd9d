"""Tickets of simulated channels, such as practice: in a list of their own, in no figure, and nothing of them leaves.

Such a ticket is never ``active``, so that no list of open work and no counter has it, and no clock starts on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import Channel
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import Ticket

REAL = Ticket.simulated.is_(False)
APART = _("Practice and real tickets are kept apart.")
TICKETS = Ticket.__table__.c
THESE_QUERY = select(TICKETS.id, TICKETS.channel).where(
    TICKETS.id.in_(bindparam("ids", expanding=True)), TICKETS.simulated
)


def plugins_of(uow: UnitOfWork, ticket_ids: Iterable[int | None]) -> dict[int, str]:
    """{ticket: plugin of its channel} of those among these tickets that are simulated; "" when the plugin is off."""
    ids = sorted({ticket_id for ticket_id in ticket_ids if ticket_id})
    rows = uow.session.connection().execute(THESE_QUERY, {"ids": ids}).all() if ids else []
    return {row.id: getattr(uow.runtime.channels.get(row.channel), "plugin", "") for row in rows}


def plugin_of(uow: UnitOfWork, ticket: Ticket) -> str | None:
    """The plugin that alone is concerned with a simulated ticket, "" when it is off; None for a real one."""
    if not ticket.simulated:
        return None
    return getattr(uow.runtime.channels.get(ticket.channel), "plugin", "")


def is_real(ticket_id: Any) -> ColumnElement[bool]:
    """The condition that a column of another table names no simulated ticket."""
    return or_(ticket_id.is_(None), ticket_id.not_in(select(TICKETS.id).where(TICKETS.simulated)))


def accounts(uow: UnitOfWork) -> Select[int]:
    """The ids of all accounts of simulated channels, for queries of figures."""
    names = [name for name, channel in uow.runtime.channels.items() if channel.simulated]
    return select(Account.id).where(Account.channel.in_(names))


def fits(ticket: Ticket, channel: type[Channel] | None) -> bool:
    """True unless a simulated ticket meets a real channel, or the other way round."""
    return channel is None or ticket.simulated == channel.simulated


def refuse_to_mix(*tickets: Ticket) -> None:
    """Invalid for simulated tickets together with real ones."""
    if len({ticket.simulated for ticket in tickets}) > 1:
        raise Invalid(APART)


def refuse(ticket: Ticket) -> None:
    """Invalid for a simulated ticket, where it would leave its queue or stand in a line."""
    if ticket.simulated:
        raise Invalid(_("A practice ticket stays where it is."))
