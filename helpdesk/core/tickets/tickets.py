"""Changes of a ticket's facts: status, priority, queue, assignee, tags, snooze; reading it and accepting a sender."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, bindparam, delete, func, select, update

from helpdesk.core.accounts.addresses import Own
from helpdesk.core.database.columns import ACTIVE, PRIORITIES, STATUSES
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.tickets import MessageAccepted, TicketChanged, TicketFacts, TicketRead
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import roles
from helpdesk.core.people.models import Queue, QueueTeam, TeamMember, User
from helpdesk.core.text import by_name, excerpt, plain

from . import addressees, participants, simulated
from .clocks import moment_of, observe
from .message_models import Message
from .models import ConversationThread, Ticket
from .visibility import visible, visible_ticket

UNSET = object()
TAGS = 20
LATEST = timedelta(days=366)  # how far ahead a ticket may be snoozed
UNSNOOZED_AT_ONCE = 20  # tickets in one write
LOOKED_AT = 500  # newest tickets in which tags are looked for


def change(
    uow: UnitOfWork,
    ticket_id: int,
    *,
    status: str | None = None,
    priority: str | None = None,
    assignee_id: Any = UNSET,
    queue_id: Any = None,
    tags: list[str] | None = None,
    more_tags: Any = (),
    snoozed_until: Any = UNSET,
) -> Ticket:
    """Change any of a ticket's facts in one commit; one journal entry holds what changed, before and after.

    ``tags`` takes the place of its tags, ``more_tags`` come beside them. ``snoozed_until`` is a moment within a year,
    None unsnoozes it.
    """
    visible_ticket(uow, ticket_id, "tickets.write")
    with uow.writing():
        ticket = locked_ticket(uow, ticket_id)
        before = facts(ticket)
        if status is not None:
            choose_status(uow, ticket, status)
        if priority is not None:
            ticket.priority = _one_of(priority, PRIORITIES, _("There is no priority named %(value)s."))
        if queue_id is not None:
            _move(uow, ticket, queue_id)
        if assignee_id is not UNSET:
            ticket.assignee_id = _assignee(uow, ticket, assignee_id)
        if tags is not None:
            ticket.tags = _tags(tags)
        if more_tags:
            ticket.tags = _tags([*(ticket.tags or []), *more_tags])
        if snoozed_until is not UNSET:
            _snooze_until(uow, ticket, snoozed_until)
        record_change(uow, ticket, before)
    return ticket


def locked_ticket(uow: UnitOfWork, ticket_id: int) -> Ticket:
    """The ticket as it is now, for this writer alone until the commit; Conflict when it was merged away."""
    ticket = uow.session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.merged_into_id:
        raise Conflict(_("This ticket was merged into #%(number)s."), number=str(ticket.merged_into_id))
    return ticket


def facts(ticket: Ticket) -> TicketFacts:
    """The ticket's facts as the journal keeps them."""
    return {
        "status": ticket.status,
        "priority": ticket.priority,
        "queue": ticket.queue_id,
        "assignee": ticket.assignee_id,
        "tags": list(ticket.tags or []),
        "snoozed_until": ticket.snoozed_until.isoformat() if ticket.snoozed_until else None,
    }


def choose_status(uow: UnitOfWork, ticket: Ticket, status: str) -> None:
    """A person's choice: clocks pause, go on or end by it; a thread that ends leaves room for a new one."""
    set_status(uow, ticket, _one_of(status, STATUSES, _("There is no status named %(value)s.")))
    if status == "closed":
        uow.session.execute(delete(ConversationThread).where(ConversationThread.ticket_id == ticket.id))


def set_status(uow: UnitOfWork, ticket: Ticket, status: str, *moments: str) -> None:
    """Status and what follows from it, for its clocks too, after these ``moments``. What is open, solved or closed is
    snoozed no longer.
    """
    before, ticket.status = ticket.status, status
    snooze(ticket, ticket.snoozed_until if status in ("pending", "waiting") else None)
    moments = (*moments, *moment_of(before, status))
    if moments:
        observe(uow, ticket, *moments)


def snooze(ticket: Ticket, until: datetime | None) -> None:
    """Out of the lists of open work until a moment, or back into them, without any journal."""
    ticket.snoozed_until = until
    ticket.active = ticket.status in ACTIVE and until is None and not ticket.simulated


def unsnooze_due(uow: UnitOfWork) -> int:
    """Unsnooze some tickets whose time is over; returns how many. They are selected again behind the lock, so that two
    workers unsnooze none twice.
    """
    over = (Ticket.snoozed_until.is_not(None), Ticket.snoozed_until <= uow.clock())
    ids = list(
        uow.session.scalars(select(Ticket.id).where(*over).order_by(Ticket.snoozed_until).limit(UNSNOOZED_AT_ONCE))
    )
    if not ids:
        return 0
    with uow.writing() as session:
        query = select(Ticket).where(Ticket.id.in_(ids), *over).order_by(Ticket.id).with_for_update()
        unsnoozed = session.scalars(query.execution_options(populate_existing=True)).all()
        for ticket in unsnoozed:
            before = facts(ticket)
            snooze(ticket, None)
            record_change(uow, ticket, before)
    return len(unsnoozed)


def recount(uow: UnitOfWork, ticket: Ticket) -> None:
    """Bring what a row shows of the last message up to date, after messages moved or were withdrawn."""
    said = (
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.withdrawn.is_(False))
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = uow.session.scalar(said)
    inbound = uow.session.scalar(said.where(Message.kind == "in"))
    spoken = uow.session.scalar(said.where(Message.kind != "note"))
    ticket.last_message_id = last.id if last else 0
    ticket.last_inbound_id = inbound.id if inbound else 0
    ticket.preview = excerpt(spoken.text, 200) if spoken else ""
    ticket.updated_at = uow.clock()


def mark_read(uow: UnitOfWork, ticket_id: int, upto: int | None = None) -> None:
    """Nothing on this ticket (up to a message id) is new any more; costs no write when nothing was."""
    ticket = visible_ticket(uow, ticket_id)
    if not ticket.unread or not uow.actor.may("tickets.write"):
        return
    left = _unread_after(uow, ticket, upto) if upto else 0
    if left >= ticket.unread:
        return
    with uow.writing() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket_id, Ticket.unread > left).values(unread=left))
        uow.record(TicketRead(ticket_id=ticket_id))


def _unread_after(uow: UnitOfWork, ticket: Ticket, upto: int) -> int:
    theirs = select(Message.id).where(
        Message.ticket_id == ticket.id, Message.id > upto, Message.kind == "in", Message.withdrawn.is_(False)
    )
    return uow.session.scalar(select(func.count()).select_from(theirs.limit(ticket.unread).subquery())) or 0


def accept_sender(uow: UnitOfWork, message_id: int) -> Message:
    """Accept the sender of a doubted message: it counts, the sender and those they wrote to participate, and answers go
    where the sender asked.
    """
    message = by_id(uow.session, Message, message_id)
    if message is None:
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    with uow.writing() as session:
        message = session.get_one(Message, message_id)
        ticket = locked_ticket(uow, message.ticket_id)
        before = facts(ticket)
        if message.unverified or (message.details or {}).get("doubt"):
            if message.unverified:
                set_status(uow, ticket, "open", "asked")
            message.unverified = False
            message.details = {
                **{name: value for name, value in message.details.items() if name != "doubt"},
                "accepted": True,
            }
            _add_participants(uow, ticket, message)
            ticket.updated_at = uow.clock()
            uow.record(MessageAccepted(ticket_id=ticket.id, message_id=message_id, before=before, after=facts(ticket)))
    return message


def _add_participants(uow: UnitOfWork, ticket: Ticket, message: Message) -> None:
    """The sender of a message and whom they wrote to, the desk itself left out."""
    kinds, said = addressees.kinds_of(uow, message.account or ticket.account), message.details
    named = [*addressees.people(said.get("to"), kinds), *addressees.people(said.get("cc"), kinds)]
    people = Own(uow).without([addressees.sender_of(message, kinds), *named])
    participants.add(uow, ticket.id, people[: addressees.COPIED + 1])


WRITERS_QUERY = select(User.id, User.name).where(User.active, User.role.in_(bindparam("roles", expanding=True)))
MEMBERS_QUERY = select(TeamMember.user_id).join(QueueTeam, QueueTeam.team_id == TeamMember.team_id)
COLLEAGUES_QUERY = WRITERS_QUERY.where(
    User.id.in_(MEMBERS_QUERY.where(QueueTeam.queue_id.in_(bindparam("queues", expanding=True))))
    | (User.role == "admin")
)


def colleagues(uow: UnitOfWork, *queue_ids: int) -> list[Row[*tuple[Any, ...]]]:
    """Active people (id, name) who can be given a ticket of one of these queues (of any, when none is named)."""
    query, writers = COLLEAGUES_QUERY if queue_ids else WRITERS_QUERY, roles.having(uow, "tickets.write")
    return by_name(uow.session.execute(query, {"roles": writers, **({"queues": queue_ids} if queue_ids else {})}))


def tags_in_use(uow: UnitOfWork, limit: int = 100) -> list[tuple[str, int]]:
    """(tag, how often) of the newest tagged tickets the actor sees, the most used first, at most ``limit``."""
    uow.actor.must("tickets.read")
    newest = select(Ticket.tags).where(visible(uow.actor), simulated.REAL).order_by(Ticket.id.desc()).limit(LOOKED_AT)
    return Counter(tag for tags in uow.session.scalars(newest) for tag in tags).most_common(limit)


def record_change(uow: UnitOfWork, ticket: Ticket, before: TicketFacts) -> None:
    """Write into the journal which facts are no longer those of ``before``. Inside ``writing``."""
    after = facts(ticket)
    was, now = dict(before), dict(after)
    changed = [name for name in now if now[name] != was[name]]
    if not changed:
        return
    ticket.updated_at = uow.clock()
    always = {"status", "queue", "assignee"}  # consoles count by these
    kept = [name for name in now if name in changed or name in always]
    sides = [cast(TicketFacts, {name: side[name] for name in kept}) for side in (was, now)]
    uow.record(TicketChanged(ticket_id=ticket.id, before=sides[0], after=sides[1]))


def _snooze_until(uow: UnitOfWork, ticket: Ticket, until: datetime | None) -> None:
    if until is not None:
        if ticket.status not in ACTIVE:
            raise Invalid(_("Only an open ticket can be snoozed."))
        if not uow.clock() < until <= uow.clock() + LATEST:
            raise Invalid(
                _("Please choose a moment within the next year."),
                {"snoozed_until": _("Please choose a moment within the next year.")},
            )
    snooze(ticket, until)


def _move(uow: UnitOfWork, ticket: Ticket, queue_id: int) -> None:
    """Into another queue of the actor's, or one that other teams may hand tickets over to; NotFound for any other.

    Whoever has the ticket keeps it only if they answer that queue too.
    """
    queue = by_id(uow.session, Queue, queue_id)
    if queue is None or not (uow.actor.serves(queue_id) or queue.handover):
        raise NotFound()
    if queue_id != ticket.queue_id:
        simulated.refuse(ticket)
    if queue_id != ticket.queue_id and ticket.assignee_id not in {user.id for user in colleagues(uow, queue_id)}:
        ticket.assignee_id = None
    ticket.queue_id = queue_id


def _assignee(uow: UnitOfWork, ticket: Ticket, user_id: int | None) -> int | None:
    """Somebody who answers the ticket's queue, nobody, or who has it already."""
    if user_id in (None, ticket.assignee_id):
        return user_id
    places = () if uow.actor.user_id is None else (ticket.queue_id,)
    if user_id not in {user.id for user in colleagues(uow, *places)}:
        raise Invalid(_("This ticket cannot be given to that person."), {"assignee": _("Please choose a colleague.")})
    return user_id


def _tags(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(t for t in (" ".join(plain(tag).split())[:40] for tag in tags) if t))[:TAGS]


def _one_of(value: str, known: tuple[str, ...], sentence: str) -> str:
    if value not in known:
        raise Invalid(sentence, value=value)
    return value
