"""A saved reply as it reads on one ticket: the customer's language, the values of its places, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.api import customers, tickets, variables
from helpdesk.api.i18n import LOCALES, gettext, reading

from .tables import SavedReply
from .template import Filled, fill, names
from .variables import PERSIAN


@dataclass(frozen=True)
class Preview:
    """A reply on a ticket in one language. ``languages`` are those it has, ``missing`` the labels of what is not
    known.
    """

    language: str
    languages: tuple[str, ...]
    subject: Filled
    text: Filled
    missing: tuple[str, ...]


def language_of(uow, ticket_id: int) -> str:
    """The language the customer is answered in: their own, else that of the ticket's subject."""
    ticket = tickets.get(uow, ticket_id)
    language = customers.get(uow, ticket.customer_id).language
    return language if language in LOCALES else "fa" if PERSIAN.search(ticket.subject) else "en"


def preview(uow, row: SavedReply, ticket_id: int, language: str = "") -> Preview:
    """The reply on a ticket, in the wanted language if it has that, else the customer's, else the one it has."""
    languages = tuple(sorted(row.texts))
    wanted = (language, language_of(uow, ticket_id), *languages, "en")
    chosen = next(each for each in wanted if each in languages or not languages)
    words = row.texts.get(chosen, {"subject": "", "text": ""})
    subject, text = (filled(uow, words[part], ticket_id, chosen) for part in ("subject", "text"))
    return Preview(chosen, languages, subject, text, labels(uow, text.missing))


def filled(uow, template: str, ticket_id: int, language: str) -> Filled:
    """A template for a ticket, its dates and digits written for readers of this language."""
    with reading(LOCALES.get(language, LOCALES["en"])):
        return fill(template, variables.values(uow, ticket_id, names(template)))


def labels(uow, missing: tuple[str, ...]) -> tuple[str, ...]:
    """What the reader calls these variables; a name that no plugin brings any more stays as it is."""
    known = uow.runtime.variables
    return tuple(gettext(known[name].label) if name in known else name for name in missing)
