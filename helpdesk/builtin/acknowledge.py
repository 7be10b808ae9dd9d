"""The first word back: a new ticket is acknowledged once, with the time by which the customer will hear from us.

Whoever sent more than could be taken in is told so as well, also when the ticket is an old one.

Never to machines, never for history, at most so often to one address (the caps of ``core.replies``).
"""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core import replies
from helpdesk.core.base import NEVER
from helpdesk.core.channels import Address
from helpdesk.core.errors import _
from helpdesk.core.events.tickets import MessageReceived, MessageUnverified, TicketOpened
from helpdesk.core.hookspecs import hookimpl
from helpdesk.core.models import Account, Customer, Message, Setting, Ticket
from helpdesk.core.text import digits
from helpdesk.language import READERS, current, datetime_, gettext, isolate, reading

DESCRIPTION = _("Tells customers that their message has come, and until when they will hear from us.")
PARTIAL = _("Your message was too large: only its beginning reached us. Please send large files in several smaller messages, or as a link.")
OLD = timedelta(days=1)  # a message that claims to be older is history: nobody waits for this word any more


@hookimpl
def on_event(event, desk):
    """Acknowledge ``ticket.opened``, and a ``message.received`` of which only a part came."""
    happened = event.event
    if not isinstance(happened, TicketOpened | MessageReceived) or isinstance(happened, MessageUnverified) or happened.quiet:
        return
    message = desk.session.get(Message, event.message_id)
    ticket = desk.session.get(Ticket, event.ticket_id)
    if message is None or not _reachable(desk, ticket, message):
        return
    partial, opened = happened.partial, isinstance(happened, TicketOpened) and _wanted(desk)
    if not (opened or partial):
        return
    to = Address(desk.house.channels[ticket.channel].address, message.address, message.author)
    with desk.writing() as session:
        ticket = session.get(Ticket, ticket.id, with_for_update=True)
        told = select(Message.id).where(Message.ticket_id == ticket.id, Message.automatic != "", Message.kind == "out", Message.id > message.id)
        if session.scalar(told.limit(1)) is None:
            replies.automatic(desk, ticket, _words(session, ticket, opened, partial), to)
    desk.house.wake("outbox")


def _wanted(desk) -> bool:
    setting = desk.session.get(Setting, "acknowledge")
    return setting is None or setting.value.get("on", True)


def _reachable(desk, ticket: Ticket, message: Message) -> bool:
    """True when a person wrote lately and can be answered, and nobody forged their name."""
    channel, details = desk.house.channels.get(ticket.channel), message.details or {}
    claimed = details.get("claimed_at")
    fresh = not claimed or claimed > (desk.clock() - OLD).isoformat()
    enabled = desk.session.get(Account, ticket.account_id).enabled
    asked = message.kind == "in" and message.address and not message.automatic and details.get("authentic") is not False
    return bool(asked and channel and channel.accepts.replies and fresh and enabled)


def _words(session, ticket: Ticket, opened: bool, partial: bool) -> str:
    """In the customer's own language and calendar, with the promise in words."""
    language = session.get(Customer, ticket.customer_id).language or "en"
    reader = READERS.get(language, READERS["en"])
    with reading(reader):
        return "\n\n".join([gettext("Hello,"), *(_acknowledgement(ticket) if opened else ()), *([gettext(PARTIAL)] if partial else ())])


def _acknowledgement(ticket: Ticket) -> list[str]:
    number = isolate("#" + digits(str(ticket.number), current.get().digits))
    lines = [gettext("Thank you for writing. Your request has the number %(number)s.", number=number)]
    if ticket.due_at != NEVER:
        lines.append(gettext("We will answer by %(when)s at the latest.", when=isolate(datetime_(ticket.due_at))))
    return [*lines, gettext("To add something, simply answer this message.")]
