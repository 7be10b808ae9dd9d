"""The first word back: a new ticket is acknowledged once, with the time by which the customer will hear from us.

Never to machines, never for history, at most so often to one address (the caps of ``core.replies``).
"""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core import replies
from helpdesk.core.base import NEVER
from helpdesk.core.channels import Address
from helpdesk.core.hookspecs import hookimpl
from helpdesk.core.models import Account, Customer, Message, Setting, Ticket
from helpdesk.core.text import digits
from helpdesk.language import READERS, datetime_, gettext, isolate, reading

OLD = timedelta(days=1)  # a message that claims to be older is history: nobody waits for this word any more


@hookimpl
def on_event(event, desk):
    """Acknowledge ``ticket.opened``."""
    if event.kind != "ticket.opened" or event.data.get("quiet"):
        return
    message = desk.session.get(Message, event.message_id)
    ticket = desk.session.get(Ticket, event.ticket_id)
    if message is None or not _wanted(desk, ticket, message):
        return
    to = Address(desk.house.channels[ticket.channel].address, message.address, message.author)
    with desk.writing() as session:
        ticket = session.get(Ticket, ticket.id, with_for_update=True)
        told = select(Message.id).where(Message.ticket_id == ticket.id, Message.automatic != "", Message.kind == "out")
        if session.scalar(told.limit(1)) is None:
            replies.automatic(desk, ticket, _words(session, ticket), to)
    desk.house.wake("outbox")


def _wanted(desk, ticket: Ticket, message: Message) -> bool:
    channel = desk.house.channels.get(ticket.channel)
    setting = desk.session.get(Setting, "acknowledge")
    claimed = (message.details or {}).get("claimed_at")
    fresh = not claimed or claimed > (desk.clock() - OLD).isoformat()
    on = setting is None or setting.value.get("on", True)
    enabled = desk.session.get(Account, ticket.account_id).enabled
    return bool(channel and channel.accepts.replies and message.address and not message.automatic and fresh and on and enabled)


def _words(session, ticket: Ticket) -> str:
    """In the customer's own language and calendar, with the promise in words."""
    language = session.get(Customer, ticket.customer_id).language or "en"
    reader = READERS.get(language, READERS["en"])
    with reading(reader):
        lines = [gettext("Hello,"), gettext("Thank you for writing. Your request has the number %(number)s.", number=isolate("#" + digits(str(ticket.number), reader.digits)))]
        if ticket.due_at != NEVER:
            lines.append(gettext("We will answer by %(when)s at the latest.", when=isolate(datetime_(ticket.due_at))))
        lines.append(gettext("To add something, simply answer this message."))
        return "\n\n".join(lines)
