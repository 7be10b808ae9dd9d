"""By which account a ticket is answered, and whether its channel can carry what was written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts, Attachments, Written, refuse
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.types import Channel
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity
from helpdesk.core.text import by_name
from helpdesk.core.tickets import simulated
from helpdesk.core.tickets.addressees import Addressees, of
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket

from . import refusals

HERE = {"account": _("Please choose another account.")}
NO_REPLIES = _("This channel carries no replies.")
UNWANTED = _("They asked not to be contacted this way.")
NO_ADDRESS = _("We know no address of theirs for this channel.")


@dataclass
class WayOut:
    """An account, and how a ticket can be answered by it. ``refusal`` says why it cannot, "" when it can.

    ``channel`` is None while its plugin is off. ``is_open`` is False once only templates may be sent; ``until`` is when
    that will be, None for a channel without a window or a customer who never wrote by it.
    """

    account: Account
    channel: type[Channel] | None
    answered: Addressees
    is_open: bool = True
    until: datetime | None = None
    refusal: str = ""

    @property
    def accepts(self) -> Accepts:
        """What the channel carries; while its plugin is off, whatever is written waits for it."""
        return self.channel.accepts if self.channel else Accepts(attachments=Attachments())


def usual(uow: UnitOfWork, ticket: Ticket) -> Account:
    """The account the customer wrote to last, else the ticket's own; where its channel carries no replies, the first by
    which the ticket can be answered, one of its queue before others.
    """
    last = _written_to(uow, ticket)
    channel = uow.runtime.channels.get(last.channel)
    if channel is None or channel.accepts.replies:
        return last
    others = by_name(uow.session.scalars(select(Account).where(Account.enabled)))
    others.sort(key=lambda account: account.queue_id != ticket.queue_id)
    return next((way.account for way in _ways(uow, ticket, others) if not way.refusal), last)


def _written_to(uow: UnitOfWork, ticket: Ticket) -> Account:
    last = select(Message.account_id).where(
        Message.ticket_id == ticket.id, Message.kind == "in", Message.unverified.is_(False)
    )
    found = uow.session.scalar(last.order_by(Message.id.desc()).limit(1))
    return uow.session.get_one(Account, found or ticket.account_id)


def chosen(uow: UnitOfWork, ticket: Ticket, account_id: int | None, to: Sequence[Address] = ()) -> Account:
    """The account of this id, or the usual one. Invalid for one by which this ticket cannot be answered; ``to`` are
    addresses the writer named, which may be on no card.
    """
    if account_id is None:
        return usual(uow, ticket)
    account = by_id(uow.session, Account, account_id)
    named = {person.kind for person in to}
    way = next(_ways(uow, ticket, [account] if account and account.enabled else [], named), None)
    if way is None or way.refusal not in ("", UNWANTED):
        raise Invalid(way.refusal if way else _("This customer cannot be reached from this account."), HERE)
    return way.account


def way_of(uow: UnitOfWork, ticket: Ticket, account: Account) -> WayOut:
    """One account as a way to answer this ticket."""
    channel = uow.runtime.channels.get(account.channel)
    way = WayOut(account, channel, of(uow, ticket, account))
    if channel and not channel.accepts.replies:
        way.refusal = NO_REPLIES
    elif is_unwanted(uow, account, way.answered.to):
        way.refusal = UNWANTED
    if channel and channel.accepts.window:
        last = last_word(uow, ticket.id, account.id)
        way.is_open = channel.accepts.is_open(last, uow.clock())
        way.until = last + timedelta(hours=channel.accepts.window) if last else None
    return way


def is_unwanted(uow: UnitOfWork, account: Account, people: Iterable[Address]) -> bool:
    """True when one of these people wants nothing more by a channel that a person carries out."""
    channel = uow.runtime.channels.get(account.channel)
    by_hand = channel is not None and channel.accepts.by_hand
    return by_hand and any(refusals.has(uow, account.channel, person) for person in people)


def refuse_unwanted(uow: UnitOfWork, account: Account, people: Iterable[Address]) -> None:
    """Invalid where one of them wants nothing more by this account's channel."""
    if is_unwanted(uow, account, people):
        raise Invalid(UNWANTED, HERE)


def all_of(uow: UnitOfWork, ticket: Ticket) -> list[WayOut]:
    """Every account by which this ticket can be answered, the usual one first: those it came by, and those of the
    actor's queues that may write first.
    """
    return [way for way in known_to(uow, ticket) if not way.refusal]


def known_to(uow: UnitOfWork, ticket: Ticket) -> list[WayOut]:
    """The same, and after them those by which it cannot be answered, each with its reason."""
    first = usual(uow, ticket).id
    found = _ways(uow, ticket, by_name(uow.session.scalars(select(Account).where(Account.enabled))))
    return sorted(found, key=lambda way: (bool(way.refusal), way.account.id != first))


def _ways(
    uow: UnitOfWork, ticket: Ticket, accounts: Iterable[Account], named: Collection[str] = ()
) -> Iterator[WayOut]:
    """Those of the accounts that are a way, possible or not; ``named`` are further kinds of address one may write
    to.
    """
    used = {_written_to(uow, ticket).id, *uow.session.scalars(_used(ticket))}
    known = {*uow.session.scalars(_kinds(ticket)), *named}
    for account in accounts:
        channel = uow.runtime.channels.get(account.channel)
        if not simulated.fits(ticket, channel):
            continue
        if channel and account.id in used:
            yield way_of(uow, ticket, account)
        elif channel and _may_begin(channel) and uow.actor.serves(account.queue_id):
            reached = bool(known & {*channel.kinds()})
            yield (
                way_of(uow, ticket, account) if reached else WayOut(account, channel, Addressees(), refusal=NO_ADDRESS)
            )


def _may_begin(channel: type[Channel]) -> bool:
    return channel.accepts.first or channel.accepts.any_ticket


def _used(ticket: Ticket) -> Select[int | None]:
    """The accounts by which something was said on a ticket."""
    return select(Message.account_id).where(Message.ticket_id == ticket.id, Message.account_id.is_not(None)).distinct()


def _kinds(ticket: Ticket) -> Select[str]:
    """The kinds of address that are known of a ticket's customer."""
    return select(Identity.kind).where(Identity.customer_id == ticket.customer_id, Identity.address != "").distinct()


def last_word(uow: UnitOfWork, ticket_id: int, account_id: int) -> datetime | None:
    """When the customer last wrote on this ticket by this account."""
    where = (
        Message.ticket_id == ticket_id,
        Message.account_id == account_id,
        Message.kind == "in",
        Message.unverified.is_(False),
    )
    return uow.session.scalar(select(func.max(Message.at)).where(*where))


def last_visibility(uow: UnitOfWork, ticket_id: int, account_id: int) -> str:
    """For whose eyes the customer wrote last on this ticket by this account: an answer is for the same."""
    theirs = (Message.ticket_id == ticket_id, Message.account_id == account_id, Message.kind == "in")
    query = select(Message.visibility).where(*theirs).order_by(Message.id.desc()).limit(1)
    return uow.session.scalar(query) or "private"


def refuse_unless_carried(uow: UnitOfWork, ticket: Ticket, account: Account, written: Written, at: datetime) -> None:
    """Invalid, with a sentence, when the account is off or its channel cannot carry the message. A channel whose
    plugin is off is asked later.
    """
    channel = uow.runtime.channels.get(account.channel)
    if not simulated.fits(ticket, channel):
        raise Invalid(simulated.APART, HERE)
    if channel is None:
        return
    if channel.accepts.window and not written.template:
        written.last_word = last_word(uow, ticket.id, account.id)
    refuse(channel.accepts, written, at)
