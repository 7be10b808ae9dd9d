"""What a console missed while it was away: each change of a ticket it sees or saw, in order, once."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.journal import journal
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import changes
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible

from .payloads import Payloads

PAGE = 500  # changes in one answer
LONGEST = 5000  # numbers behind which loading the page anew is quicker


def missed(uow: UnitOfWork, since: int, until: int, payloads: Payloads, variant: str) -> dict:
    """{seq, missed, more}: what happened after ``since`` up to ``until``. With ``more`` ask again from the last one.

    {reload: True} when the console was away too long, or speaks of a journal that is not this one.
    """
    if not uow.actor.may("tickets.read"):
        return {"seq": until, "missed": [], "more": False}
    if until - since > LONGEST or since > journal.last(uow):
        return {"seq": until, "missed": [], "more": False, "reload": True}
    events = changes.since(uow, since, PAGE)
    more = len(events) == PAGE and events[-1].seq < until
    reached = events[-1].seq if more else until
    found = sorted(
        [event for event in events if event.seq <= reached] + _lost(uow, since, reached), key=lambda event: event.seq
    )
    changed = changes.changed(uow, found)
    payloads.complete(uow, changed)
    shown = [payloads.of(change, uow.actor.queues, uow.actor.user_id, variant) for change in changed]
    return {"seq": until, "missed": [payload for payload in shown if payload], "more": more}


def _lost(uow: UnitOfWork, since: int, until: int) -> list[journal.JournalEntry]:
    """What happened to tickets that are out of the actor's sight now."""
    query = (
        select(Event)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.seq > since, Event.seq <= until, ~visible(uow.actor))
    )
    return [journal.entry(uow, event) for event in uow.session.scalars(query.order_by(Event.seq))]
