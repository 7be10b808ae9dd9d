"""The first word back: a new ticket is acknowledged once, with the time by which the customer will hear from us.

Whoever sent more than could be taken in is told so as well, also when the ticket is an old one.

Never to machines, never for history, at most so often to one address, one source and in one hour
(``core.outbox.automatic``).
"""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core.accounts.addresses import Own
from helpdesk.core.database.base import NEVER
from helpdesk.core.errors import _
from helpdesk.core.events.tickets import MessageReceived, MessageUnverified, ReplyWithheld, TicketOpened
from helpdesk.core.intake.threading import numbered
from helpdesk.core.outbox import automatic
from helpdesk.core.people.models import Customer
from helpdesk.core.settings.models import Setting
from helpdesk.core.text import digits
from helpdesk.core.tickets import addressees
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.hooks.specs import hookimpl
from helpdesk.i18n import LOCALES, current, datetime_, gettext, isolate, reading

DESCRIPTION = _("Tells customers that their message has come, and until when they will hear from us.")
PARTIAL = _(
    "Your message was too large: only its beginning reached us. Please send large files in several smaller "
    "messages, or as a link."
)
OLD = timedelta(days=1)  # a message that claims to be older is history: nobody waits for this word any more
WITHHELD = {
    "hour": _(
        "More acknowledgements were due in an hour than the desk sends to unproved addresses; the rest was not sent."
    ),
    "source": _(
        "More acknowledgements were due in an hour to the addresses of one source than the desk sends; the "
        "rest was not sent."
    ),
}


@hookimpl
def on_event(event, uow):
    """Acknowledge ``ticket.opened``, and a ``message.received`` of which only a part came; tell admins of what was
    withheld.
    """
    recorded = event.event
    if isinstance(recorded, ReplyWithheld):
        uow.hooks.fault(uow.hooks.plugins["acknowledge"], "on_event", WITHHELD[recorded.why])
    if (
        not isinstance(recorded, TicketOpened | MessageReceived)
        or isinstance(recorded, MessageUnverified)
        or recorded.silent
    ):
        return
    message = uow.session.get(Message, event.message_id)
    ticket = uow.session.get(Ticket, event.ticket_id)
    if message is None or not _reachable(uow, ticket, message):
        return
    partial, opened = recorded.partial, isinstance(recorded, TicketOpened) and _wanted(uow)
    if opened or partial:
        _send(uow, ticket.id, message, opened, partial)
    uow.runtime.wake("outbox")


def _send(uow, ticket_id: int, message: Message, opened: bool, partial: bool) -> None:
    with uow.writing() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        acknowledged = select(Message.id).where(
            Message.ticket_id == ticket.id, Message.automatic != "", Message.kind == "out", Message.id > message.id
        )
        if session.scalar(acknowledged.limit(1)) is not None:
            return
        to = addressees.asked_by(message, addressees.kinds_of(uow, message.account), Own(uow)).to
        proved = message.details.get("authentic") is True and [person.value for person in to] == [message.address]
        with reading(_reader(session, ticket)):
            text, subject = _words(ticket, opened, partial), numbered(gettext("Your request"), _number(ticket))
        automatic.send(uow, ticket, message.account, text, to, subject=subject, proved=proved)


def _wanted(uow) -> bool:
    setting = uow.session.get(Setting, "acknowledge")
    return setting is None or setting.value.get("on", True)


def _reachable(uow, ticket: Ticket, message: Message) -> bool:
    """True when a person wrote lately and can be answered, and nobody forged their name."""
    account, details = message.account or ticket.account, message.details or {}
    channel = uow.runtime.channels.get(account.channel)
    claimed = details.get("claimed_at")
    fresh = not claimed or claimed > (uow.clock() - OLD).isoformat()
    machine = message.automatic or details.get("likely_automatic")
    asked = message.kind == "in" and message.address and not machine and details.get("authentic") is not False
    return bool(asked and channel and channel.accepts.replies and fresh and account.enabled)


def _reader(session, ticket: Ticket):
    """The customer's own language and calendar."""
    language = session.get(Customer, ticket.customer_id).language or "en"
    return LOCALES.get(language, LOCALES["en"])


def _words(ticket: Ticket, opened: bool, partial: bool) -> str:
    """All there is to say, with the promise in words."""
    return "\n\n".join(
        [gettext("Hello,"), *(_acknowledgement(ticket) if opened else ()), *([gettext(PARTIAL)] if partial else ())]
    )


def _acknowledgement(ticket: Ticket) -> list[str]:
    lines = [
        gettext("Thank you for writing. Your request has the number %(number)s.", number=isolate("#" + _number(ticket)))
    ]
    if ticket.target_at != NEVER:
        lines.append(gettext("We will answer by %(when)s at the latest.", when=isolate(datetime_(ticket.target_at))))
    return [*lines, gettext("To add something, simply answer this message.")]


def _number(ticket: Ticket) -> str:
    return digits(str(ticket.number), current.get().digits)
