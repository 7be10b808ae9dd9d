"""The first word back: a new ticket is acknowledged once, with the time by which the customer will hear from us.

Whoever sent more than could be taken in is told so as well, also when the ticket is an old one.

Never to machines, never for history, at most so often to one address, one source and in one hour (``core.automatic``).
"""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core import addressees, automatic
from helpdesk.core.addresses import Own
from helpdesk.core.base import NEVER
from helpdesk.core.errors import _
from helpdesk.core.events.tickets import MessageReceived, MessageUnverified, ReplyWithheld, TicketOpened
from helpdesk.core.hookspecs import hookimpl
from helpdesk.core.matching import numbered
from helpdesk.core.models import Account, Customer, Message, Setting, Ticket
from helpdesk.core.text import digits
from helpdesk.language import READERS, current, datetime_, gettext, isolate, reading

DESCRIPTION = _("Tells customers that their message has come, and until when they will hear from us.")
PARTIAL = _("Your message was too large: only its beginning reached us. Please send large files in several smaller messages, or as a link.")
OLD = timedelta(days=1)  # a message that claims to be older is history: nobody waits for this word any more
WITHHELD = {
    "hour": _("More acknowledgements were due in an hour than the desk sends to unproved addresses; the rest was not sent."),
    "source": _("More acknowledgements were due in an hour to the addresses of one source than the desk sends; the rest was not sent."),
}


@hookimpl
def on_event(event, desk):
    """Acknowledge ``ticket.opened``, and a ``message.received`` of which only a part came; tell admins of what was withheld."""
    happened = event.event
    if isinstance(happened, ReplyWithheld):
        desk.hooks.fault(desk.hooks.plugins["acknowledge"], "on_event", WITHHELD[happened.why])
    if not isinstance(happened, TicketOpened | MessageReceived) or isinstance(happened, MessageUnverified) or happened.quiet:
        return
    message = desk.session.get(Message, event.message_id)
    ticket = desk.session.get(Ticket, event.ticket_id)
    if message is None or not _reachable(desk, ticket, message):
        return
    partial, opened = happened.partial, isinstance(happened, TicketOpened) and _wanted(desk)
    if opened or partial:
        _send(desk, ticket.id, message, opened, partial)
    desk.house.wake("outbox")


def _send(desk, ticket_id: int, message: Message, opened: bool, partial: bool) -> None:
    with desk.writing() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        told = select(Message.id).where(Message.ticket_id == ticket.id, Message.automatic != "", Message.kind == "out", Message.id > message.id)
        if session.scalar(told.limit(1)) is not None:
            return
        to = addressees.asked_by(message, addressees.kind_of(desk, ticket), Own(desk)).to
        proved = message.details.get("authentic") is True and [person.value for person in to] == [message.address]
        with reading(_reader(session, ticket)):
            text, subject = _words(ticket, opened, partial), numbered(gettext("Your request"), _number(ticket))
        automatic.send(desk, ticket, text, to, subject=subject, proved=proved)


def _wanted(desk) -> bool:
    setting = desk.session.get(Setting, "acknowledge")
    return setting is None or setting.value.get("on", True)


def _reachable(desk, ticket: Ticket, message: Message) -> bool:
    """True when a person wrote lately and can be answered, and nobody forged their name."""
    channel, details = desk.house.channels.get(ticket.channel), message.details or {}
    claimed = details.get("claimed_at")
    fresh = not claimed or claimed > (desk.clock() - OLD).isoformat()
    enabled = desk.session.get(Account, ticket.account_id).enabled
    machine = message.automatic or details.get("likely_automatic")
    asked = message.kind == "in" and message.address and not machine and details.get("authentic") is not False
    return bool(asked and channel and channel.accepts.replies and fresh and enabled)


def _reader(session, ticket: Ticket):
    """The customer's own language and calendar."""
    language = session.get(Customer, ticket.customer_id).language or "en"
    return READERS.get(language, READERS["en"])


def _words(ticket: Ticket, opened: bool, partial: bool) -> str:
    """All there is to say, with the promise in words."""
    return "\n\n".join([gettext("Hello,"), *(_acknowledgement(ticket) if opened else ()), *([gettext(PARTIAL)] if partial else ())])


def _acknowledgement(ticket: Ticket) -> list[str]:
    lines = [gettext("Thank you for writing. Your request has the number %(number)s.", number=isolate("#" + _number(ticket)))]
    if ticket.due_at != NEVER:
        lines.append(gettext("We will answer by %(when)s at the latest.", when=isolate(datetime_(ticket.due_at))))
    return [*lines, gettext("To add something, simply answer this message.")]


def _number(ticket: Ticket) -> str:
    return digits(str(ticket.number), current.get().digits)
