"""What people do to a ticket: status, priority, queue, assignee, tags, reading it, accepting a voice."""

from __future__ import annotations

from sqlalchemy import select, update

from .base import NEVER
from .channels import Address
from .database import by_id, insert_if_new
from .errors import Conflict, Invalid, NotFound, _
from .models import ACTIVE, PRIORITIES, STATUSES, Message, OpenThread, Participant, Queue, QueueTeam, TeamMember, Ticket, User
from .promises import due
from .rights import RIGHTS, visible_ticket
from .text import by_name, excerpt, plain

UNSET = object()
TAGS = 20


def change(desk, ticket_id: int, *, status=None, priority=None, assignee_id=UNSET, queue_id=None, tags=None) -> Ticket:
    """Change any of a ticket's facts in one commit; one journal row tells before and after of what really changed."""
    visible_ticket(desk, ticket_id, "tickets.write")
    with desk.writing():
        ticket = held(desk, ticket_id)
        before = facts(ticket)
        if status is not None:
            choose_status(desk, ticket, status)
        if priority is not None:
            ticket.priority = _one_of(priority, PRIORITIES, _("There is no priority named %(value)s."))
        if queue_id is not None:
            _move(desk, ticket, queue_id)
        if assignee_id is not UNSET:
            ticket.assignee_id = _assignee(desk, ticket, assignee_id)
        if tags is not None:
            ticket.tags = _tags(tags)
        _tell(desk, ticket, before)
    return ticket


def held(desk, ticket_id: int) -> Ticket:
    """The ticket as it is now, for this writer alone until the commit; Conflict when it was merged away."""
    ticket = desk.session.get(Ticket, ticket_id, with_for_update=True)
    if ticket.merged_into_id:
        raise Conflict(_("This ticket was merged into #%(number)s."), number=str(ticket.merged_into_id))
    return ticket


def facts(ticket: Ticket) -> dict:
    """The ticket's facts as the journal keeps them."""
    return {
        "status": ticket.status,
        "priority": ticket.priority,
        "queue": ticket.queue_id,
        "assignee": ticket.assignee_id,
        "tags": list(ticket.tags or []),
    }


def choose_status(desk, ticket: Ticket, status: str) -> None:
    """A person's choice: reopening starts the promise again; a thread that ends leaves room for a new one."""
    before = ticket.status
    set_status(ticket, _one_of(status, STATUSES, _("There is no status named %(value)s.")))
    if status in ("open", "pending") and before not in ("open", "pending"):
        ticket.due_at = due(desk, ticket.queue_id)
    if status == "closed":
        desk.session.execute(OpenThread.__table__.delete().where(OpenThread.ticket_id == ticket.id))


def set_status(ticket: Ticket, status: str) -> None:
    """Status and what follows from it, without any journal."""
    ticket.status, ticket.active = status, status in ACTIVE
    if status in ("waiting", "solved", "closed"):
        ticket.due_at = NEVER


def recount(desk, ticket: Ticket) -> None:
    """Bring what a row shows of the last message up to date, after messages moved or were withdrawn."""
    said = select(Message).where(Message.ticket_id == ticket.id, Message.withdrawn.is_(False)).order_by(Message.id.desc()).limit(1)
    last = desk.session.scalar(said)
    inbound = desk.session.scalar(said.where(Message.kind == "in"))
    spoken = desk.session.scalar(said.where(Message.kind != "note"))
    ticket.last_message_id = last.id if last else 0
    ticket.last_inbound_id = inbound.id if inbound else 0
    ticket.preview = excerpt(spoken.text, 200) if spoken else ""
    ticket.updated_at = desk.clock()


def mark_read(desk, ticket_id: int) -> None:
    """Nothing on this ticket is new any more; costs no write when nothing was."""
    ticket = visible_ticket(desk, ticket_id)
    if ticket.unread and desk.actor.may("tickets.write"):
        with desk.writing() as session:
            session.execute(update(Ticket).where(Ticket.id == ticket_id).values(unread=0))
            desk.happened("ticket.read", ticket_id=ticket_id)


def accept_voice(desk, message_id: int) -> Message:
    """Take an unverified writer in: their message counts, they take part from now on."""
    message = by_id(desk.session, Message, message_id)
    if message is None:
        raise NotFound()
    visible_ticket(desk, message.ticket_id, "tickets.write")
    with desk.writing() as session:
        message = session.get(Message, message_id)
        ticket = held(desk, message.ticket_id)
        before = facts(ticket)
        if message.unverified:
            message.unverified = False
            kind = desk.house.channels[ticket.channel].address
            person = Address(kind, message.address, message.author)
            insert_if_new(session, Participant, ticket_id=ticket.id, kind=kind, address=person.value, name=plain(person.name))
            set_status(ticket, "open")
            if ticket.due_at == NEVER:
                ticket.due_at = due(desk, ticket.queue_id)
            ticket.updated_at = desk.clock()
            desk.happened("message.accepted", ticket_id=ticket.id, message_id=message_id, before=before, after=facts(ticket))
    return message


def colleagues(desk, queue_id: int | None = None) -> list[User]:
    """Active people who can be given a ticket of this queue (of any, when none is named)."""
    query = select(User).where(User.active, User.role.in_([r for r in RIGHTS if "tickets.write" in RIGHTS[r]]))
    if queue_id is not None:
        members = select(TeamMember.user_id).join(QueueTeam, QueueTeam.team_id == TeamMember.team_id).where(QueueTeam.queue_id == queue_id)
        query = query.where(User.id.in_(members) | (User.role == "admin"))
    return by_name(desk.session.scalars(query))


def _tell(desk, ticket: Ticket, before: dict) -> None:
    after = facts(ticket)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    ticket.updated_at = desk.clock()
    always = {"status", "queue", "assignee"}  # consoles count by these
    desk.happened(
        "ticket.changed",
        ticket_id=ticket.id,
        before={n: before[n] for n in before if n in changed or n in always},
        after={n: after[n] for n in after if n in changed or n in always},
    )


def _move(desk, ticket: Ticket, queue_id: int) -> None:
    """Into another queue of the actor's. Whoever has the ticket keeps it only if they answer that queue too."""
    theirs = desk.actor.user_id is None or queue_id in desk.actor.queues
    if not theirs or by_id(desk.session, Queue, queue_id) is None:
        raise Invalid(_("Please choose a queue."), {"queue": _("Please choose a queue.")})
    if queue_id != ticket.queue_id and ticket.assignee_id not in {user.id for user in colleagues(desk, queue_id)}:
        ticket.assignee_id = None
    ticket.queue_id = queue_id


def _assignee(desk, ticket: Ticket, user_id: int | None) -> int | None:
    """Somebody who answers the ticket's queue, nobody, or who has it already."""
    if user_id in (None, ticket.assignee_id):
        return user_id
    if user_id not in {user.id for user in colleagues(desk, None if desk.actor.user_id is None else ticket.queue_id)}:
        raise Invalid(_("This ticket cannot be given to that person."), {"assignee": _("Please choose a colleague.")})
    return user_id


def _tags(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(t for t in (" ".join(plain(tag).split())[:40] for tag in tags) if t))[:TAGS]


def _one_of(value: str, known: tuple[str, ...], sentence: str) -> str:
    if value not in known:
        raise Invalid(sentence, value=value)
    return value
