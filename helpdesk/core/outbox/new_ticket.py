"""Tickets that begin at the desk: from where one may write first, and the first message with its ticket in one commit."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from . import drafts, replies
from .addressees import Addressees
from .addresses import Own
from .base import NEVER
from .channels import Address, Channel, File
from .customers import identity_of
from .database import by_id
from .errors import Invalid, NotFound, _
from .events.tickets import ReplyQueued, TicketOpened
from .failpoints import step
from .models import Account, Customer, Message, Ticket
from .text import by_name, excerpt, plain
from .tickets import facts

PERSIAN = re.compile("[\u0600-\u06ff]")
LATIN = re.compile("[A-Za-z]")


def senders(desk) -> list[Account]:
    """The accounts from which whoever acts may write first, by name: switched on, and in a queue of theirs."""
    desk.actor.must("tickets.write")
    kinds = [name for name, channel in desk.house.channels.items() if channel.accepts.first]
    query = select(Account).where(Account.enabled, Account.channel.in_(kinds))
    if desk.actor.user_id is not None:
        query = query.where(Account.queue_id.in_(sorted(desk.actor.queues)))
    return by_name(desk.session.scalars(query))


def open_ticket(
    desk, account_id: int, to: str, subject: str, text: str, *, html: str = "", queue_id: int | None = None, files: list[File] = (), undo: float = 0
) -> Message:
    """Write to somebody first: customer, ticket, message and delivery in one commit. Their answer joins by the signed token.

    ``to`` is one address as it was typed, ``undo`` a wait in seconds before it leaves. NotFound for an account or a queue that
    is not the actor's; Invalid for an account that cannot write first, an address that is none, an empty subject or text.
    """
    desk.actor.must("tickets.write")
    account = _account(desk, account_id)
    queue_id = _queue(desk, queue_id or account.queue_id)
    channel = desk.house.channels[account.channel]
    person, subject = _recipient(desk, channel, to), _subject(channel, subject)
    text, kept = replies.checked_text(text, files), replies.stored_files(desk, files)
    with desk.writing():
        customer_id = identity_of(desk, person, language=_language(text)).customer_id
        ticket = _ticket(desk, account, customer_id, subject=subject, queue_id=queue_id, preview=excerpt(text, 200))
        due = desk.clock() + timedelta(seconds=undo)
        message = replies.write_message(desk, ticket, text, html, Addressees([_named(desk, person, customer_id)]), due, kept)
        _tell(desk, ticket, message)
        drafts.forget_opening(desk, kept)
    step("reply.committed")
    if not undo:
        desk.house.wake("outbox")
    return message


def _account(desk, account_id: int) -> Account:
    account = by_id(desk.session, Account, account_id)
    if account is None or not desk.actor.answers(account.queue_id):
        raise NotFound()
    channel = desk.house.channels.get(account.channel)
    if not (account.enabled and channel and channel.accepts.first):
        raise Invalid(_("From this account nobody can be written to first."), {"account": _("Please choose another account.")})
    return account


def _queue(desk, queue_id: int) -> int:
    if not desk.actor.answers(queue_id):
        raise NotFound()
    return queue_id


def _recipient(desk, channel: type[Channel], typed: str) -> Address:
    """Whom to write to."""
    person = channel.recipient(typed)
    Own(desk).refuse([person])
    return person


def _subject(channel: type[Channel], subject: str) -> str:
    """The subject on one line; "" where the channel has none."""
    if not channel.accepts.subject:
        return ""
    subject = " ".join(plain(subject).split())[:300]
    if not subject:
        raise Invalid(_("Please write a subject."), {"subject": _("Please write a subject.")})
    return subject


def _language(text: str) -> str:
    """The language a new customer is written to in: "fa" or "en", by the letters of the beginning."""
    beginning = text[:2000]
    return "fa" if len(PERSIAN.findall(beginning)) > len(LATIN.findall(beginning)) else "en"


def _ticket(desk, account: Account, customer_id: int, **given) -> Ticket:
    """A ticket of whoever writes, on which the next word is the customer's."""
    now = desk.clock()
    origin = {"account_id": account.id, "channel": account.channel, "created_at": now, "updated_at": now, "assignee_id": desk.actor.user_id}
    ticket = Ticket(customer_id=customer_id, status="waiting", due_at=NEVER, tags=[], **origin, **given)
    desk.session.add(ticket)
    desk.session.flush()
    return ticket


def _named(desk, person: Address, customer_id: int) -> Address:
    """The address with the name its owner goes by, where none was typed with it."""
    known = desk.session.get(Customer, customer_id).name
    return person if person.name or known == person.value else Address(person.kind, person.value, known)


def _tell(desk, ticket: Ticket, message: Message) -> None:
    """Two entries, so that who counts tickets and who counts messages each hears theirs. Taken back, the ticket is closed."""
    after = facts(ticket)
    message.details = {"opened": True, "before": {**after, "status": "closed", "assignee": None, "due_at": NEVER.isoformat()}}
    ticket.last_message_id = message.id
    desk.record(TicketOpened(ticket_id=ticket.id, message_id=message.id, quiet=True, after=after))
    desk.record(ReplyQueued(ticket_id=ticket.id, message_id=message.id, before=after, after=after))
