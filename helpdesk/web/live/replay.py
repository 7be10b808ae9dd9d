"""What a console missed while it was away: each change of a ticket it may see, in order, once; and which tickets it lost."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core import journal
from helpdesk.core.models import Event, Ticket
from helpdesk.core.rights import visible

PAGE = 500  # changes in one answer
LONGEST = 5000  # numbers behind which loading the page anew is quicker


def missed(desk, since: int, until: int) -> dict:
    """{seq, missed, more}: what happened after ``since`` up to ``until``. With ``more`` ask again from the last one.

    {reload: True} when the console was away too long, or speaks of a journal that is not this one.
    """
    if not desk.actor.may("tickets.read"):
        return {"seq": until, "missed": [], "more": False}
    if until - since > LONGEST or since > journal.last(desk):
        return {"seq": until, "missed": [], "more": False, "reload": True}
    events = journal.since(desk, since, PAGE)
    told = [event for event in events if event.seq <= until]
    return {"seq": until, "missed": journal.changed(desk, told), "more": len(events) == len(told) == PAGE}


def lost(desk, since: int, until: int) -> list[dict]:
    """The tickets that left the actor's sight in between: [{seq, kind: "gone", ticket}]."""
    if not desk.actor.may("tickets.read"):
        return []
    query = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Event.seq > since, Event.seq <= until, ~visible(desk.actor))
    gone = {}
    for event in desk.session.scalars(query.order_by(Event.seq)):
        before = event.data.get("before") or {}
        if before.get("queue") in desk.actor.queues or before.get("assignee") == desk.actor.user_id:
            gone[event.ticket_id] = event.seq
    return [{"seq": seq, "kind": "gone", "ticket": ticket} for ticket, seq in gone.items()]
