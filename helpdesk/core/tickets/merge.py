"""Merging tickets, so that it can be taken back: what moved is written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from helpdesk.core.database.columns import ACTIVE
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.tickets import TicketFacts, TicketMerged, TicketUnmerged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.sla import clocks

from . import merged_drafts, simulated, ticket_lists
from .clocks import place, restore
from .message_models import Message
from .models import Merge, Participant, Ticket
from .tickets import facts, recount, set_status, snooze
from .visibility import visible, visible_ticket

CHANGED = _("One of the two was merged already; look at it again.")
UNDER_WAY = ("open", "pending")  # somebody waits for the desk


def merge(uow: UnitOfWork, source_id: int, target_id: int) -> Merge:
    """Put the messages of one ticket into another; the emptied one is closed and points there.

    A question that still waits for an answer goes on waiting: the target ticket opens and keeps the earlier SLA target.
    """
    visible_ticket(uow, source_id, "tickets.write")
    visible_ticket(uow, target_id, "tickets.write")
    if source_id == target_id:
        raise Invalid(_("A ticket cannot be merged into itself."))
    with uow.writing() as session:
        source, target = _both(uow, source_id, target_id)
        if source.merged_into_id or target.merged_into_id:
            raise Conflict(CHANGED)
        simulated.refuse_to_mix(source, target)
        was = facts(source), facts(target)
        before = {
            "source": _state(uow, source),
            "target": _state(uow, target),
            "participants": _add_participants(uow, source, target),
        }
        before["drafts"] = merged_drafts.move(uow, source_id, target_id)
        moved = list(session.scalars(select(Message.id).where(Message.ticket_id == source_id)))
        done = Merge(
            source_id=source_id,
            target_id=target_id,
            messages=moved,
            before=before,
            user_id=uow.actor.user_id,
            at=uow.clock(),
        )
        session.add(done)
        session.execute(update(Message).where(Message.ticket_id == source_id).values(ticket_id=target_id))
        _take_over(uow, source, target)
        source.merged_into_id = target_id
        set_status(uow, source, "closed")
        _record(uow, TicketMerged, done, (source, target), was)
        place(uow, target)
        done.before = {**before, "left": {"status": target.status, "last": target.last_message_id}}
    return done


def unmerge(uow: UnitOfWork, merge_id: int) -> Merge:
    """Take a merge back: the messages that moved return, what came later stays where it is."""
    done = by_id(uow.session, Merge, merge_id)
    if done is None:
        raise NotFound()
    visible_ticket(uow, done.target_id, "tickets.write")
    visible_ticket(uow, done.source_id, "tickets.write")
    with uow.writing() as session:
        source, target = _both(uow, done.source_id, done.target_id)
        done = session.get_one(Merge, merge_id, populate_existing=True)
        if done.undone_at:
            raise Conflict(_("This merge was taken back already."))
        if target.merged_into_id:
            raise Conflict(CHANGED)
        was = facts(source), facts(target)
        untouched = done.before["left"] == {"status": target.status, "last": target.last_message_id}
        session.execute(update(Message).where(Message.id.in_(done.messages)).values(ticket_id=source.id))
        source.merged_into_id = None
        if untouched:
            _restore(uow, target, done.before["target"])
        _restore(uow, source, done.before["source"])
        _remove_participants(uow, target, done.before["participants"])
        merged_drafts.move_back(uow, source.id, target.id, done.before.get("drafts", {"texts": [], "files": []}))
        done.undone_at = uow.clock()
        _record(uow, TicketUnmerged, done, (source, target), was)
        if not untouched:
            place(uow, target)
    return done


def suggestions(uow: UnitOfWork, ticket_id: int, limit: int = 5) -> list[dict[str, Any]]:
    """Rows of tickets this one might belong to: the one it seems to follow, then the customer's other active ones."""
    ticket = visible_ticket(uow, ticket_id)
    same = (
        Ticket.customer_id == ticket.customer_id,
        Ticket.status.in_(ACTIVE),
        Ticket.merged_into_id.is_(None),
        Ticket.id != ticket_id,
    )
    query = select(Ticket.id).where(*same, visible(uow.actor)).order_by(Ticket.id.desc()).limit(limit)
    ids = list(uow.session.scalars(query))
    followed = ticket.follow_up_of_id
    if followed and uow.session.scalar(select(Ticket.id).where(Ticket.id == followed, visible(uow.actor))):
        ids = [followed, *(i for i in ids if i != followed)]
    return ticket_lists.rows(uow, ids)


def _both(uow: UnitOfWork, source_id: int, target_id: int) -> tuple[Ticket, Ticket]:
    """The two as they are now, for this writer alone until the commit; always locked in the same order."""
    query = select(Ticket).where(Ticket.id.in_((source_id, target_id))).order_by(Ticket.id).with_for_update()
    found = {ticket.id: ticket for ticket in uow.session.scalars(query.execution_options(populate_existing=True))}
    return found[source_id], found[target_id]


def _state(uow: UnitOfWork, ticket: Ticket) -> dict[str, Any]:
    """What a merge changes of a ticket, to be brought back."""
    snoozed_until = ticket.snoozed_until and ticket.snoozed_until.isoformat()
    return {
        "status": ticket.status,
        "snoozed_until": snoozed_until,
        "clocks": clocks.kept(uow, ticket.id),
        "target_at": ticket.target_at.isoformat(),
        "unread": ticket.unread,
    }


def _restore(uow: UnitOfWork, ticket: Ticket, state: dict[str, Any]) -> None:
    ticket.status, ticket.unread = state["status"], state["unread"]
    snooze(ticket, state["snoozed_until"] and datetime.fromisoformat(state["snoozed_until"]))
    restore(uow, ticket, state)


def _take_over(uow: UnitOfWork, source: Ticket, target: Ticket) -> None:
    """What waits for the desk on the source waits on the target from now on."""
    target.unread, source.unread = target.unread + source.unread, 0
    if source.status in UNDER_WAY:
        if target.status not in UNDER_WAY or target.snoozed_until:
            target.status = "open"
            snooze(target, None)
        clocks.move(uow, source.id, target.id)


def _add_participants(uow: UnitOfWork, source: Ticket, target: Ticket) -> list[Any]:
    """Whoever takes part in the one takes part in the other; returns those that were new there, as [kind, address]."""
    taking_part = uow.session.scalars(select(Participant).where(Participant.ticket_id == source.id)).all()
    return [
        [p.kind, p.address]
        for p in taking_part
        if insert_if_new(uow.session, Participant, ticket_id=target.id, kind=p.kind, address=p.address, name=p.name)
    ]


def _remove_participants(uow: UnitOfWork, target: Ticket, people: list[Any]) -> None:
    """Take the people that came with the merge out again, but for those that spoke here since."""
    for kind, address in people:
        spoke = select(Message.id).where(Message.ticket_id == target.id, Message.address == address).exists()
        key = (Participant.ticket_id == target.id, Participant.kind == kind, Participant.address == address)
        uow.session.execute(delete(Participant).where(*key, ~spoke))


def _record(
    uow: UnitOfWork,
    kind: type[TicketMerged | TicketUnmerged],
    done: Merge,
    tickets: tuple[Ticket, Ticket],
    before: tuple[TicketFacts, TicketFacts],
) -> None:
    """Recount both tickets and record an event for each; consoles count by the facts before."""
    uow.session.flush()
    for ticket, was in zip(tickets, before, strict=True):
        recount(uow, ticket)
        source, target = done.source_id, done.target_id
        then, after = _counted(was), _counted(facts(ticket))
        uow.record(kind(ticket_id=ticket.id, merge=done.id, source=source, target=target, before=then, after=after))


def _counted(facts_: TicketFacts) -> TicketFacts:
    return {
        "status": facts_["status"],
        "queue": facts_["queue"],
        "assignee": facts_["assignee"],
        "snoozed_until": facts_["snoozed_until"],
    }
