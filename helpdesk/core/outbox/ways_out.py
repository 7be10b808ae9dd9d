"""By which account a ticket is answered, and whether its channel can carry what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts, Written, refuse
from helpdesk.core.channels.types import Channel
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity
from helpdesk.core.text import by_name
from helpdesk.core.tickets.addressees import Addressees, of
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket

HERE = {"account": _("Please choose another account.")}


@dataclass
class WayOut:
    """An account by which a ticket can be answered. ``is_open`` is False once only templates may be sent."""

    account: Account
    channel: type[Channel]
    answered: Addressees
    is_open: bool


def usual(uow: UnitOfWork, ticket: Ticket) -> Account:
    """The account the customer wrote to last, else the ticket's own."""
    last = select(Message.account_id).where(
        Message.ticket_id == ticket.id, Message.kind == "in", Message.unverified.is_(False)
    )
    found = uow.session.scalar(last.order_by(Message.id.desc()).limit(1))
    return uow.session.get_one(Account, found or ticket.account_id)


def chosen(uow: UnitOfWork, ticket: Ticket, account_id: int | None) -> Account:
    """The account of this id, or the usual one. Invalid for one by which this ticket cannot be answered."""
    if account_id is None:
        return usual(uow, ticket)
    account = by_id(uow.session, Account, account_id)
    if account is None or account.id not in {way.account.id for way in all_of(uow, ticket)}:
        raise Invalid(_("By this account this customer cannot be reached."), HERE)
    return account


def all_of(uow: UnitOfWork, ticket: Ticket) -> list[WayOut]:
    """Every account by which this ticket can be answered, the usual one first: those it came by, and those that may
    write first.
    """
    first, now = usual(uow, ticket), uow.clock()
    used = set(
        uow.session.scalars(
            select(Message.account_id).where(Message.ticket_id == ticket.id, Message.account_id.is_not(None)).distinct()
        )
    )
    known = set(
        uow.session.scalars(
            select(Identity.kind).where(Identity.customer_id == ticket.customer_id, Identity.address != "").distinct()
        )
    )
    found = []
    for account in by_name(uow.session.scalars(select(Account).where(Account.enabled))):
        channel = uow.runtime.channels.get(account.channel)
        if channel and _reaches(channel.accepts, account.id in used | {first.id}, bool(known & {*channel.kinds()})):
            is_open = channel.accepts.is_open(last_word(uow, ticket.id, account.id), now)
            found.append(WayOut(account, channel, of(uow, ticket, account), is_open))
    return sorted(found, key=lambda way: way.account.id != first.id)


def _reaches(accepts: Accepts, used: bool, known: bool) -> bool:
    return accepts.replies if used else accepts.first and known


def last_word(uow: UnitOfWork, ticket_id: int, account_id: int) -> datetime | None:
    """When the customer last wrote on this ticket by this account."""
    where = (
        Message.ticket_id == ticket_id,
        Message.account_id == account_id,
        Message.kind == "in",
        Message.unverified.is_(False),
    )
    return uow.session.scalar(select(func.max(Message.at)).where(*where))


def refuse_unless_carried(uow: UnitOfWork, ticket: Ticket, account: Account, written: Written, at: datetime) -> None:
    """Invalid, with a sentence, when the account is off or its channel cannot carry the message. A channel whose
    plugin is off is asked later.
    """
    channel = uow.runtime.channels.get(account.channel)
    if channel is None:
        return
    if channel.accepts.window and not written.template:
        written.last_word = last_word(uow, ticket.id, account.id)
    refuse(channel.accepts, written, at)
