"""The variables of saved replies: what the desk itself knows of a ticket, its customer, its agent and the order it is
about.
"""

from __future__ import annotations

import re

from helpdesk.api import customers, messages, people, tickets
from helpdesk.api.i18n import _, current, date, datetime_, isolate, named
from helpdesk.api.text import digits
from helpdesk.api.variables import Variable

ORDER = re.compile(r"(?:\border\b|سفارش)[^\d\n]{0,20}(\d{3,12})\b", re.IGNORECASE)
PERSIAN = re.compile("[\u0600-\u06ff]")
FIRST_MESSAGES = 10  # in which an order's number is looked for


def _customer(uow, ticket_id: int) -> customers.Customer:
    return customers.get(uow, tickets.get(uow, ticket_id).customer_id)


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""


def settled(text: str) -> str:
    """A name that runs against the customer's language, between marks that keep the sentence in order."""
    foreign = text and bool(PERSIAN.search(text)) != (current.get().language == "fa")
    return isolate(text) if foreign else text


def _address(uow, ticket_id: int) -> str:
    known = _customer(uow, ticket_id).identities
    return settled(known[0].address) if known else ""


def _agent(uow) -> str:
    me = people.me(uow)
    return me.name if me else ""


def _queue(uow, ticket_id: int) -> str:
    wanted = tickets.get(uow, ticket_id).queue_id
    return next((settled(named(queue.name)) for queue in people.queues(uow) if queue.id == wanted), "")


def _target(uow, ticket_id: int) -> str:
    at = tickets.get(uow, ticket_id).target_at
    return datetime_(at) if at else ""


def _order(uow, ticket_id: int) -> str:
    """The first number after the word order in the subject, else in what the customer wrote first."""
    found = ORDER.search(digits(tickets.get(uow, ticket_id).subject, "en"))
    if not found:
        written = messages.of_ticket(uow, ticket_id, limit=FIRST_MESSAGES)
        found = next(filter(None, (ORDER.search(digits(m.text, "en")) for m in written if m.kind == "in")), None)
    return found[1] if found else ""


VARIABLES = [
    Variable(
        ("customer.name", "مشتری.نام"),
        _("The customer's name"),
        lambda uow, ticket_id: settled(_customer(uow, ticket_id).name),
    ),
    Variable(
        ("customer.first_name", "مشتری.نام کوچک"),
        _("The customer's first name"),
        lambda uow, ticket_id: settled(_first(_customer(uow, ticket_id).name)),
    ),
    Variable(("customer.address", "مشتری.نشانی"), _("The customer's first address"), _address),
    Variable(
        ("ticket.number", "تیکت.شماره"),
        _("The ticket's number"),
        lambda uow, ticket_id: settled(f"#{tickets.get(uow, ticket_id).number}"),
    ),
    Variable(
        ("ticket.subject", "تیکت.موضوع"),
        _("The ticket's subject"),
        lambda uow, ticket_id: settled(tickets.get(uow, ticket_id).subject),
    ),
    Variable(
        ("ticket.created", "تیکت.تاریخ"),
        _("The day the ticket was opened"),
        lambda uow, ticket_id: date(tickets.get(uow, ticket_id).created_at),
    ),
    Variable(("ticket.queue", "تیکت.صف"), _("The ticket's queue"), _queue),
    Variable(("ticket.target", "تیکت.مهلت"), _("The time promised to the customer"), _target),
    Variable(("agent.name", "کارشناس.نام"), _("Your name"), lambda uow, ticket_id: settled(_agent(uow))),
    Variable(
        ("agent.first_name", "کارشناس.نام کوچک"),
        _("Your first name"),
        lambda uow, ticket_id: settled(_first(_agent(uow))),
    ),
    Variable(("order.number", "سفارش.شماره"), _("The number of the order the customer names"), _order),
    Variable(("today", "امروز"), _("Today's date"), lambda uow, ticket_id: date(uow.clock())),
]
