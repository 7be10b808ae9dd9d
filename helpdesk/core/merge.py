"""Merging tickets, so that it can be taken back: what moved is written down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from . import views
from .database import by_id, insert_if_new
from .errors import Conflict, Invalid, NotFound, _
from .models import Merge, Message, Participant, Ticket
from .rights import visible, visible_ticket
from .tickets import facts, recount, set_status

CHANGED = _("One of the two was merged already; look at it again.")
UNDER_WAY = ("open", "pending")  # somebody waits for the desk


def merge(desk, source_id: int, target_id: int) -> Merge:
    """Put the messages of one ticket into another; the emptied one is closed and points there.

    A question that still waits for an answer goes on waiting: the target opens and keeps the earlier promise.
    """
    if source_id == target_id:
        raise Invalid(_("A ticket cannot be merged into itself."))
    visible_ticket(desk, source_id, "tickets.write")
    visible_ticket(desk, target_id, "tickets.write")
    with desk.writing() as session:
        source, target = _both(desk, source_id, target_id)
        if source.merged_into_id or target.merged_into_id:
            raise Conflict(CHANGED)
        before, was = {**_state(source), "voices": _voices(desk, source, target), "target": _state(target)}, facts(target)
        moved = list(session.scalars(select(Message.id).where(Message.ticket_id == source_id)))
        done = Merge(source_id=source_id, target_id=target_id, messages=moved, before=before, user_id=desk.actor.user_id, at=desk.clock())
        session.add(done)
        session.execute(update(Message).where(Message.ticket_id == source_id).values(ticket_id=target_id))
        _take_over(source, target)
        source.merged_into_id = target_id
        set_status(source, "closed")
        _tell(desk, "ticket.merged", done, (source, before), (target, was))
    return done


def unmerge(desk, merge_id: int) -> Merge:
    """Take a merge back: the messages that moved return, what came later stays where it is."""
    done = by_id(desk.session, Merge, merge_id)
    if done is None:
        raise NotFound()
    visible_ticket(desk, done.target_id, "tickets.write")
    visible_ticket(desk, done.source_id, "tickets.write")
    with desk.writing() as session:
        source, target = _both(desk, done.source_id, done.target_id)
        done = session.get(Merge, merge_id, populate_existing=True)
        if done.undone_at:
            raise Conflict(_("This merge was taken back already."))
        if target.merged_into_id:
            raise Conflict(CHANGED)
        untouched = _newest(desk, target.id) <= max(done.messages, default=0) or target.status == done.before["target"]["status"]
        session.execute(update(Message).where(Message.id.in_(done.messages)).values(ticket_id=source.id))
        was = facts(source), facts(target)
        source.merged_into_id = None
        _restore(source, done.before)
        if untouched and target.status in UNDER_WAY:
            _restore(target, done.before["target"])
        for kind, address in done.before["voices"]:
            session.delete(session.get(Participant, (target.id, kind, address)))
        done.undone_at = desk.clock()
        _tell(desk, "ticket.unmerged", done, (source, was[0]), (target, was[1]))
    return done


def suggestions(desk, ticket_id: int, limit: int = 5) -> list[dict]:
    """Rows of tickets this one might belong to: the one it seems to follow, then the customer's other active ones."""
    ticket = visible_ticket(desk, ticket_id)
    same = (Ticket.customer_id == ticket.customer_id, Ticket.active, Ticket.merged_into_id.is_(None), Ticket.id != ticket_id)
    query = select(Ticket.id).where(*same, visible(desk.actor)).order_by(Ticket.id.desc()).limit(limit)
    ids = list(desk.session.scalars(query))
    followed = ticket.follow_up_of_id
    if followed and desk.session.scalar(select(Ticket.id).where(Ticket.id == followed, visible(desk.actor))):
        ids = [followed, *(i for i in ids if i != followed)]
    return views.rows(desk, ids)
