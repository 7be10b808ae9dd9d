"""Merging tickets, so that it can be taken back: what moved is written down."""

from __future__ import annotations

from sqlalchemy import select, update

from . import views
from .base import NEVER
from .database import insert_if_new
from .errors import Conflict, Invalid, NotFound, _
from .models import Merge, Message, Participant, Ticket
from .rights import visible, visible_ticket
from .text import excerpt
from .tickets import facts, set_status


def merge(desk, source_id: int, target_id: int) -> Merge:
    """Put the messages of one ticket into another; the emptied one is closed and points there."""
    if source_id == target_id:
        raise Invalid(_("A ticket cannot be merged into itself."))
    visible_ticket(desk, source_id, "tickets.write")
    visible_ticket(desk, target_id, "tickets.write")
    with desk.writing() as session:
        source, target = session.get(Ticket, source_id), session.get(Ticket, target_id)
        if source.merged_into_id or target.merged_into_id:
            raise Conflict(_("One of the two was merged already; look at it again."))
        moved = list(session.scalars(select(Message.id).where(Message.ticket_id == source_id)))
        before = {**facts(source), "due_at": source.due_at.isoformat(), "voices": _voices(desk, source, target)}
        done = Merge(source_id=source_id, target_id=target_id, messages=moved, before=before, user_id=desk.actor.user_id, at=desk.clock())
        session.add(done)
        session.execute(update(Message).where(Message.id.in_(moved)).values(ticket_id=target_id))
        source.merged_into_id = target_id
        set_status(source, "closed")
        _recount(desk, source)
        _recount(desk, target)
        session.flush()
        told = {"merge": done.id, "source": source_id, "target": target_id}
        desk.happened("ticket.merged", ticket_id=source_id, **told, before={k: before[k] for k in ("status", "queue", "assignee")}, after=facts(source))
        desk.happened("ticket.merged", ticket_id=target_id, **told)
    return done


def unmerge(desk, merge_id: int) -> Merge:
    """Take a merge back: the messages that moved return, what came later stays where it is."""
    done = desk.session.get(Merge, merge_id)
    if done is None:
        raise NotFound()
    visible_ticket(desk, done.target_id, "tickets.write")
    with desk.writing() as session:
        done = session.get(Merge, merge_id)
        if done.undone_at:
            raise Conflict(_("This merge was taken back already."))
        source, target = session.get(Ticket, done.source_id), session.get(Ticket, done.target_id)
        if target.merged_into_id:
            raise Conflict(_("One of the two was merged already; look at it again."))
        session.execute(update(Message).where(Message.id.in_(done.messages)).values(ticket_id=source.id))
        source.merged_into_id = None
        was = facts(source)
        set_status(source, done.before["status"])
        source.due_at = type(NEVER).fromisoformat(done.before["due_at"])
        for kind, address in done.before.get("voices", ()):
            session.delete(session.get(Participant, (target.id, kind, address)))
        _recount(desk, source)
        _recount(desk, target)
        done.undone_at = desk.clock()
        told = {"merge": done.id, "source": source.id, "target": target.id}
        desk.happened("ticket.unmerged", ticket_id=source.id, **told, before={k: was[k] for k in ("status", "queue", "assignee")}, after=facts(source))
        desk.happened("ticket.unmerged", ticket_id=target.id, **told)
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


def _voices(desk, source: Ticket, target: Ticket) -> list:
    """Whoever takes part in the one takes part in the other; returns those that were new there, as [kind, address]."""
    people = desk.session.scalars(select(Participant).where(Participant.ticket_id == source.id)).all()
    return [
        [p.kind, p.address]
        for p in people
        if insert_if_new(desk.session, Participant, ticket_id=target.id, kind=p.kind, address=p.address, name=p.name)
    ]


def _recount(desk, ticket: Ticket) -> None:
    """What a row shows of the last message, after messages moved."""
    query = select(Message).where(Message.ticket_id == ticket.id, Message.withdrawn.is_(False)).order_by(Message.id.desc())
    last = desk.session.scalar(query.limit(1))
    inbound = desk.session.scalar(query.where(Message.kind == "in").limit(1))
    spoken = desk.session.scalar(query.where(Message.kind != "note").limit(1))
    ticket.last_message_id = last.id if last else 0
    ticket.last_inbound_id = inbound.id if inbound else 0
    ticket.preview = excerpt(spoken.text, 200) if spoken else ""
    ticket.updated_at = desk.clock()
