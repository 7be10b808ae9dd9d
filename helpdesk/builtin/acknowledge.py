"""Acknowledgements: a new ticket is acknowledged once, with the time by which the customer gets an answer.

Whoever sent more than could be taken in is told so as well, also when the ticket is an old one.

Never to machines, never for history, at most so often to one address, one source and in one hour
(``core.outbox.automatic``).
"""

from marshmallow import Schema, fields

from helpdesk.api import hookimpl
from helpdesk.api.customers import language_of
from helpdesk.api.events import MessageReceived, MessageUnverified, ReplyWithheld, TicketOpened
from helpdesk.api.health import report
from helpdesk.api.i18n import LOCALES, _, day_and_time, gettext, isolate, reading
from helpdesk.api.messages import answer, may_answer
from helpdesk.api.settings import SettingsGroup, read
from helpdesk.api.tickets import Ticket, get, number_text, numbered

DESCRIPTION = _("Tells customers that their message has come, and until when they will hear from us.")
PARTIAL = _(
    "Your message was too large: only its beginning reached us. Please send large files in several smaller "
    "messages, or as a link."
)
WITHHELD = {
    "hour": _(
        "More acknowledgements were due in an hour than the desk sends to unproved addresses; the rest was not sent."
    ),
    "source": _(
        "More acknowledgements were due in an hour to the addresses of one source than the desk sends; the "
        "rest was not sent."
    ),
}


class Settings(Schema):
    """Whether new tickets are acknowledged."""

    on = fields.Boolean(load_default=True, metadata={"label": _("Acknowledge new tickets")})


@hookimpl
def register_settings() -> list[SettingsGroup]:
    """A switch."""
    return [SettingsGroup("acknowledge", _("Acknowledgement"), Settings)]


@hookimpl
def on_event(event, uow):
    """Acknowledge ``ticket.opened``, and a ``message.received`` of which only a part came; tell admins of what was
    withheld.
    """
    recorded = event.event
    if isinstance(recorded, ReplyWithheld):
        report(uow, "acknowledge", WITHHELD[recorded.why])
    if (
        not isinstance(recorded, TicketOpened | MessageReceived)
        or isinstance(recorded, MessageUnverified)
        or recorded.silent
        or not may_answer(uow, event.message_id)
    ):
        return
    ticket = get(uow, event.ticket_id)
    kind = uow.runtime.channels.get(ticket.channel)
    if kind and kind.accepts.by_hand:
        return  # nobody is to carry out what a machine says
    opened = isinstance(recorded, TicketOpened) and read(uow, "acknowledge")["on"] and (not kind or kind.acknowledged)
    if opened or recorded.partial:
        _answer(uow, ticket, event.message_id, opened, recorded.partial)


def _answer(uow, ticket: Ticket, message_id: int, opened: bool, partial: bool) -> None:
    """In the customer's own language and calendar."""
    with reading(LOCALES.get(language_of(uow, ticket.customer_id), LOCALES["en"])):
        answer(uow, message_id, _words(ticket, opened, partial), subject=numbered(gettext("Your request"), ticket.id))


def _words(ticket: Ticket, opened: bool, partial: bool) -> str:
    """All there is to say, with the target in words."""
    return "\n\n".join(
        [gettext("Hello,"), *(_acknowledgement(ticket) if opened else ()), *([gettext(PARTIAL)] if partial else ())]
    )


def _acknowledgement(ticket: Ticket) -> list[str]:
    number = isolate("#" + number_text(ticket.id))
    lines = [gettext("Thank you for writing. Your request has the number %(number)s.", number=number)]
    if ticket.target_at:
        when = isolate(day_and_time(ticket.target_at))
        lines.append(gettext("We will answer by %(when)s at the latest.", when=when))
    return [*lines, gettext("To add something, simply answer this message.")]
