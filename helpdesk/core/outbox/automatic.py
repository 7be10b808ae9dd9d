"""Automatic messages: who may get one, and how many an address, a source and an hour may cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from helpdesk.core.accounts.addresses import Own
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Written
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid
from helpdesk.core.events.tickets import ReplyAutomatic, ReplyWithheld
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.outbox.outgoing import Content, write_message
from helpdesk.core.tickets import addressees
from helpdesk.core.tickets.addressees import Addressees
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible_ticket

from .models import AutomaticSend

CAPS = (
    (timedelta(minutes=10), 3),
    (timedelta(hours=1), 8),
    (timedelta(days=1), 20),
)  # to one address: two automatic senders must not answer each other without end
HOUR = timedelta(hours=1)
OLD = timedelta(days=1)  # a message that claims to be older gets no automatic answer
TOTAL = 300  # in an hour: messages under forged names would make the desk write to all of them
SOURCE = 60  # in an hour to the addresses of one source (``Channel.source``)


def may_answer(uow: UnitOfWork, message_id: int) -> bool:
    """True when a person wrote this message lately and can be answered, and nobody forged their name."""
    message = by_id(uow.session, Message, message_id)
    if message is None or message.kind != "in" or not message.address or message.automatic:
        return False
    account, details = message.account or message.ticket.account, message.details or {}
    channel, claimed = uow.runtime.channels.get(account.channel), details.get("claimed_at")
    fresh = not claimed or claimed > (uow.clock() - OLD).isoformat()
    genuine = not details.get("likely_automatic") and details.get("authentic") is not False
    return bool(fresh and genuine and channel and channel.accepts.replies and account.enabled)


def answer(uow: UnitOfWork, message_id: int, text: str, *, subject: str) -> Message | None:
    """Answer the sender of this message automatically; None when one of ours went there recently, or too many did."""
    with uow.writing() as session:
        message = session.get_one(Message, message_id, populate_existing=True)
        ticket = session.get_one(Ticket, message.ticket_id, with_for_update=True, populate_existing=True)
        own = (Message.ticket_id == ticket.id, Message.automatic != "", Message.kind == "out", Message.id > message.id)
        if session.scalar(select(Message.id).where(*own).limit(1)) is not None:
            return None
        account = message.account or ticket.account
        to = addressees.asked_by(message, addressees.kinds_of(uow, account), Own(uow)).to
        proved = message.details.get("authentic") is True and [person.value for person in to] == [message.address]
        sent = send(uow, ticket, account, text, to, subject=subject, proved=proved)
        uow.wake("outbox")
    return sent


def write_to(
    uow: UnitOfWork, ticket_id: int, to: Address, text: str, *, subject: str, proved: bool = False
) -> Message | None:
    """Write to an address on a ticket, by an account that may write first to its kind; None when there is none, or
    enough was written there.
    """
    visible_ticket(uow, ticket_id, "tickets.write")
    with uow.writing() as session:
        ticket = session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
        account = _reaching(uow, ticket, to.kind)
        sent = send(uow, ticket, account, text, [to], subject=subject, proved=proved) if account else None
        uow.wake("outbox")
    return sent


def reaches(uow: UnitOfWork, kind: str) -> bool:
    """True when the desk has an account that may write first to addresses of this kind."""
    return any(_reaching_accounts(uow, kind))


def _reaching(uow: UnitOfWork, ticket: Ticket, kind: str) -> Account | None:
    """The account of the ticket's queue, else the first."""
    found = list(_reaching_accounts(uow, kind))
    return next((one for one in found if one.queue_id == ticket.queue_id), found[0] if found else None)


def _reaching_accounts(uow: UnitOfWork, kind: str) -> Iterator[Account]:
    for account in uow.session.scalars(select(Account).where(Account.enabled).order_by(Account.id)):
        channel = uow.runtime.channels.get(account.channel)
        if channel and channel.accepts.first and kind in channel.kinds() and not channel.simulated:
            yield account


def send(
    uow: UnitOfWork, ticket: Ticket, account: Account, text: str, to: list[Address], *, subject: str, proved: bool
) -> Message | None:
    """A message of the desk itself, or None when it has written enough or the channel cannot carry it. Inside
    ``writing``.

    Where nobody vouched for the address it holds nothing the sender wrote: ``subject`` instead of theirs, and no name.
    """
    to = [person for person in to if _within_caps(uow, person)]
    if not to or ways_out.is_unwanted(uow, account, to) or not _carried(uow, ticket, account, text):
        return None
    why = "" if proved else _spent(uow, account, to)
    if why:
        uow.record(ReplyWithheld(ticket_id=ticket.id, why=why))
        return None
    uow.session.add_all(AutomaticSend(kind=person.kind, address=person.value, at=uow.clock()) for person in to)
    to = to if proved else [Address(person.kind, person.value) for person in to]
    content = Content(text, automatic="reply") if proved else Content(text, automatic="reply", subject=subject)
    message = write_message(
        uow,
        ticket,
        account,
        Addressees(to),
        content,
        uow.clock(),
    )
    uow.record(ReplyAutomatic(ticket_id=ticket.id, message_id=message.id))
    return message


def _carried(uow: UnitOfWork, ticket: Ticket, account: Account, text: str) -> bool:
    try:
        ways_out.refuse_unless_carried(uow, ticket, account, Written(text), uow.clock())
    except Invalid:
        return False
    return True


def _within_caps(uow: UnitOfWork, to: Address) -> bool:
    now, longest = uow.clock(), CAPS[-1][0]
    query = select(AutomaticSend.at).where(
        AutomaticSend.kind == to.kind, AutomaticSend.address == to.value, AutomaticSend.at > now - longest
    )
    times = list(uow.session.scalars(query))
    return all(sum(at > now - period for at in times) < cap for period, cap in CAPS)


def _spent(uow: UnitOfWork, account: Account, to: list[Address]) -> str:
    """What is used up for this hour: "hour" the desk's whole budget, "source" that of these addresses, "" nothing."""
    query = (
        select(AutomaticSend.kind, AutomaticSend.address, AutomaticSend.at)
        .order_by(AutomaticSend.id.desc())
        .limit(TOTAL)
    )
    recent = [row for row in uow.session.execute(query) if row.at > uow.clock() - HOUR]
    if len(recent) >= TOTAL:
        return "hour"
    source = uow.runtime.channels[account.channel].source
    sources = [source(row.address) for row in recent if row.kind == to[0].kind]
    return "source" if any(sources.count(source(person.value)) >= SOURCE for person in to) else ""
