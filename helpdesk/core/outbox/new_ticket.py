"""Tickets that begin at the desk: from where one may write first, and the first message with its ticket in one
commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.core.accounts.accounts import view
from helpdesk.core.accounts.addresses import Own, typed_form
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.types import AccountView, Channel
from helpdesk.core.database.base import NEVER
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.events.tickets import ReplyQueued, TicketOpened
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox.outgoing import Content, write_message
from helpdesk.core.people.models import Customer
from helpdesk.core.text import by_name, excerpt, plain, written_language
from helpdesk.core.tickets import drafts
from helpdesk.core.tickets.addressees import Addressees
from helpdesk.core.tickets.customers import card_for
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.tickets import facts

from . import replies


def senders(uow: UnitOfWork, queue_id: int | None = None) -> list[Account]:
    """The accounts from which whoever acts may write first: switched on, and in a queue of theirs.

    First the one last used in the queue ``queue_id``, then those that work by name, failing ones last.
    """
    uow.actor.must("tickets.write")
    kinds = [name for name, channel in uow.runtime.channels.items() if channel.accepts.first]
    query = select(Account).where(Account.enabled, Account.channel.in_(kinds))
    if uow.actor.user_id is not None:
        query = query.where(Account.queue_id.in_(sorted(uow.actor.queues)))
    used = (
        uow.session.scalar(
            select(Ticket.account_id).where(Ticket.queue_id == queue_id).order_by(Ticket.id.desc()).limit(1)
        )
        if queue_id
        else None
    )
    return sorted(by_name(uow.session.scalars(query)), key=lambda account: (bool(account.fault), account.id != used))


def open_ticket(
    uow: UnitOfWork,
    account_id: int,
    to: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    queue_id: int | None = None,
    files: Sequence[File] = (),
    undo: float = 0,
) -> Message:
    """Write to somebody first: customer, ticket, message and delivery in one commit. Their answer joins by the signed
    token.

    ``to`` is one address as it was typed, ``undo`` a wait in seconds before it leaves. NotFound for an account or a
    queue that is not the actor's; Invalid for an account that cannot write first, an address that is none, an empty
    subject or text.
    """
    uow.actor.must("tickets.write")
    account = _account(uow, account_id)
    queue_id = _queue(uow, queue_id or account.queue_id)
    channel = uow.runtime.channels[account.channel]
    person, subject = _recipient(uow, channel, view(uow, account, secrets=False), to), _subject(channel, subject)
    text, kept = replies.checked_text(text, files), replies.stored_files(uow, files)
    with uow.writing():
        customer_id = card_for(uow, person, written_language(text) or "en")
        ticket = _ticket(uow, account, customer_id, subject=subject, queue_id=queue_id, preview=excerpt(text, 200))
        to_whom, content = Addressees([_named(uow, person, customer_id)]), Content(text, html, kept, first=True)
        message = write_message(uow, ticket, account, to_whom, content, uow.clock() + timedelta(seconds=undo))
        _record(uow, ticket, message)
        drafts.forget_opening(uow, kept)
    failpoint("reply.committed")
    if not undo:
        uow.runtime.wake("outbox")
    return message


def _account(uow: UnitOfWork, account_id: int) -> Account:
    account = by_id(uow.session, Account, account_id)
    if account is None or not uow.actor.serves(account.queue_id):
        raise NotFound()
    channel = uow.runtime.channels.get(account.channel)
    if not (account.enabled and channel and channel.accepts.first):
        raise Invalid(_("This account cannot start a conversation."), {"account": _("Please choose another account.")})
    return account


def _queue(uow: UnitOfWork, queue_id: int) -> int:
    if not uow.actor.serves(queue_id):
        raise NotFound()
    return queue_id


def _recipient(uow: UnitOfWork, channel: type[Channel], account: AccountView, typed: str) -> Address:
    """Whom to write to."""
    person = typed_form(uow, channel, typed, account)
    Own(uow).refuse([person])
    return person


def _subject(channel: type[Channel], subject: str) -> str:
    """The subject on one line; "" where the channel has none."""
    if not channel.accepts.subject:
        return ""
    subject = " ".join(plain(subject).split())[:300]
    if not subject:
        raise Invalid(_("Please write a subject."), {"subject": _("Please write a subject.")})
    return subject


def _ticket(uow: UnitOfWork, account: Account, customer_id: int, **given: Any) -> Ticket:
    """A ticket of whoever writes, on which the next word is the customer's."""
    now = uow.clock()
    origin = {
        "account_id": account.id,
        "channel": account.channel,
        "created_at": now,
        "updated_at": now,
        "assignee_id": uow.actor.user_id,
    }
    ticket = Ticket(customer_id=customer_id, status="waiting", target_at=NEVER, tags=[], **origin, **given)
    uow.session.add(ticket)
    uow.session.flush()
    return ticket


def _named(uow: UnitOfWork, person: Address, customer_id: int) -> Address:
    """The address with the name its owner goes by, where none was typed with it."""
    known = uow.session.get_one(Customer, customer_id).name
    return person if person.name or known == person.value else Address(person.kind, person.value, known)


def _record(uow: UnitOfWork, ticket: Ticket, message: Message) -> None:
    """Two entries, one for readers that count tickets, one for those that count messages. Taken back, the ticket is
    closed.
    """
    after = facts(ticket)
    message.details = {
        "opened": True,
        "before": {**after, "status": "closed", "assignee": None, "clocks": [], "target_at": NEVER.isoformat()},
    }
    ticket.last_message_id = message.id
    uow.record(TicketOpened(ticket_id=ticket.id, message_id=message.id, silent=True, after=after))
    uow.record(ReplyQueued(ticket_id=ticket.id, message_id=message.id, before=after, after=after))
