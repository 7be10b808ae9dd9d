"""Messages the desk writes by itself: to whom, in whose words, and how many of them one address, one source and one
hour may cause.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Written
from helpdesk.core.channels.address_types import Address
from helpdesk.core.errors import Invalid
from helpdesk.core.events.tickets import ReplyAutomatic, ReplyWithheld
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.outbox.outgoing import Said, write_message
from helpdesk.core.tickets.addressees import Addressees
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket

from .models import AutomaticSend

CAPS = (
    (timedelta(minutes=10), 3),
    (timedelta(hours=1), 8),
    (timedelta(days=1), 20),
)  # to one address: machines must not talk for ever
HOUR = timedelta(hours=1)
TOTAL = 300  # in an hour: whoever writes in forged names would have us write to all of them
SOURCE = 60  # in an hour to the addresses of one source (``Channel.source``)


def send(
    uow: UnitOfWork, ticket: Ticket, account: Account, text: str, to: list[Address], *, subject: str, proved: bool
) -> Message | None:
    """A message of the desk itself, or None when it has written enough or the channel cannot carry it. Inside
    ``writing``.

    Where nobody vouched for the address it carries no stranger's words: ``subject`` instead of theirs, and no name.
    """
    to = [person for person in to if _within_caps(uow, person)]
    if not to or not _carried(uow, ticket, account, text):
        return None
    why = "" if proved else _spent(uow, account, to)
    if why:
        uow.record(ReplyWithheld(ticket_id=ticket.id, why=why))
        return None
    uow.session.add_all(AutomaticSend(kind=person.kind, address=person.value, at=uow.clock()) for person in to)
    given = {"automatic": "reply"} if proved else {"automatic": "reply", "subject": subject}
    to = to if proved else [Address(person.kind, person.value) for person in to]
    message = write_message(uow, ticket, account, Addressees(to), Said(text, **given), uow.clock())
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
