"""What a console missed while it was away: each change of a ticket it sees or saw, in order, once."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core import journal
from helpdesk.core.models import Event, Ticket
from helpdesk.core.rights import visible

from .payloads import Payloads

PAGE = 500  # changes in one answer
LONGEST = 5000  # numbers behind which loading the page anew is quicker


def missed(desk, since: int, until: int, payloads: Payloads, variant: str) -> dict:
    """{seq, missed, more}: what happened after ``since`` up to ``until``. With ``more`` ask again from the last one.

    {reload: True} when the console was away too long, or speaks of a journal that is not this one.
    """
    if not desk.actor.may("tickets.read"):
        return {"seq": until, "missed": [], "more": False}
    if until - since > LONGEST or since > journal.last(desk):
        return {"seq": until, "missed": [], "more": False, "reload": True}
    events = journal.since(desk, since, PAGE)
    more = len(events) == PAGE and events[-1].seq < until
    reached = events[-1].seq if more else until
    found = sorted([event for event in events if event.seq <= reached] + _lost(desk, since, reached), key=lambda event: event.seq)
    told = [payloads.of(change, desk.actor.queues, desk.actor.user_id, variant) for change in journal.changed(desk, found)]
    return {"seq": until, "missed": [payload for payload in told if payload], "more": more}


def _lost(desk, since: int, until: int) -> list[journal.Happened]:
    """What happened to tickets that are out of the actor's sight now."""
    query = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Event.seq > since, Event.seq <= until, ~visible(desk.actor))
    return [journal.entry(desk, event) for event in desk.session.scalars(query.order_by(Event.seq))]
