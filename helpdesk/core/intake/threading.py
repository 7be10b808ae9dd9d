"""Which ticket a message belongs to: threading needs proof (law 6).

Proof is our own signed token, alone or in a message id of ours, or a participant's address that a trusted server
vouches for. What joins without it by a known reference, or by a number in our own form, is marked. All else is a new
ticket, at most linked as a follow-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.database.rows import by_id
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity
from helpdesk.core.text import digits
from helpdesk.core.tickets import external_ids, tokens
from helpdesk.core.tickets.models import ConversationThread, Participant, Ticket

NUMBER_PATTERN = re.compile(r"#\s?([0-9۰-۹٠-٩]{1,12})")
OWN_NUMBER = re.compile(r"\[#([0-9۰-۹٠-٩]{1,12})\]")  # as our own subjects carry it (``numbered``)
ANCESTORS = 100  # how many references of a message are looked up, the nearest
MERGES = 20  # how many merges a pointer may follow
PARTICIPANT_QUERY = select(Participant.ticket_id).where(
    Participant.ticket_id == bindparam("ticket"),
    Participant.kind == bindparam("kind"),
    Participant.address == bindparam("address"),
)


@dataclass
class Match:
    """Where a message goes: ``ticket`` None for a new one; ``identity`` the one a token was made for.

    ``doubt`` says why an agent must accept the sender first: "stranger" does not participate, "unproved" writes as
    somebody who does, "forged" is one a trusted server rejects, "bearer" holds a token made for another address.
    """

    ticket: Ticket | None = None
    doubt: str = ""
    identity: Identity | None = None
    follow_up_of: int | None = None

    @property
    def joined(self) -> Ticket:
        """The ticket it joins, where there is one."""
        if self.ticket is None:
            raise LookupError("a message that joins no ticket")
        return self.ticket

    @property
    def unverified(self) -> bool:
        """True when nothing proves that the message belongs here; whoever bears a token has proved that much."""
        return self.doubt in ("stranger", "unproved", "forged")


def match(uow: UnitOfWork, account_id: int, inbound: Inbound) -> Match:
    """Weigh the evidence of a message, strongest first."""
    for token in dict.fromkeys([*inbound.tokens, *_own(inbound.references)]):
        found = _by_token(uow, token, inbound)
        if found:
            return found
    ticket = _by_thread(uow, account_id, inbound.thread)
    if ticket:  # the channel itself says whose thread it is
        doubt = _doubt(uow, ticket, inbound)
        return Match(ticket, "" if doubt == "unproved" else doubt)
    ticket = _by_reference(uow, account_id, inbound.references) or _awaiting(uow, account_id, inbound.external_id)
    if ticket:
        return Match(ticket, _doubt(uow, ticket, inbound))
    return _by_number(uow, account_id, inbound)


def numbered(subject: str, number: str) -> str:
    """A subject of ours with the ticket's number in the form by which an answer finds back; the digits of any
    language.
    """
    return f"{subject} [#{number}]"


def participates(uow: UnitOfWork, ticket: Ticket, sender: Address) -> bool:
    """True when the address is a participant. Whoever names no address takes no part."""
    who = {"ticket": ticket.id, "kind": sender.kind, "address": sender.value[:254]}
    return bool(sender.value) and uow.session.connection().execute(PARTICIPANT_QUERY, who).first() is not None


def _doubt(uow: UnitOfWork, ticket: Ticket, inbound: Inbound) -> str:
    if inbound.authentic is False:
        return "forged"
    if not participates(uow, ticket, inbound.sender):
        return "stranger"
    return "" if inbound.authentic else "unproved"


def current(uow: UnitOfWork, ticket_id: int | None) -> Ticket | None:
    """The ticket, or the one it was merged into, for this writer alone until the commit."""
    ticket = _read(uow, ticket_id)
    for _ in range(MERGES):
        if ticket is None or ticket.merged_into_id is None:
            break
        ticket = _read(uow, ticket.merged_into_id)
    return ticket


def _read(uow: UnitOfWork, ticket_id: int | None) -> Ticket | None:
    return by_id(uow.session, Ticket, ticket_id, populate_existing=True, with_for_update=True)


def _by_token(uow: UnitOfWork, token: str, inbound: Inbound) -> Match | None:
    ids = tokens.verify(uow.secrets, token)
    ticket = current(uow, ids[0]) if ids else None
    identity = uow.session.get(Identity, ids[1]) if ids else None
    if not (ticket and identity):
        return None
    sender = inbound.sender
    known = (sender.kind, sender.value) == (identity.kind, identity.address) or participates(uow, ticket, sender)
    return Match(ticket, "" if known else "bearer", identity)


def _own(references: list[str]) -> list[str]:
    """What stands where ids of our own form have their token, the newest first."""
    heads = (reference.split(".", 1)[0].split("@", 1)[0] for reference in reversed(references[-ANCESTORS:]))
    return [head for head in heads if tokens.SHAPE.fullmatch(head)]


def _by_thread(uow: UnitOfWork, account_id: int, thread: str) -> Ticket | None:
    row = uow.session.get(ConversationThread, (account_id, thread[:255])) if thread else None
    return current(uow, row.ticket_id) if row else None


def _by_reference(uow: UnitOfWork, account_id: int, references: list[str]) -> Ticket | None:
    """The ticket of the newest known reference. Ids in our own form count only when their signature is good."""
    return current(
        uow, external_ids.ticket_of(uow, account_id, (r for r in references[-ANCESTORS:] if _not_forged(uow, r)))
    )


def _awaiting(uow: UnitOfWork, account_id: int, external_id: str) -> Ticket | None:
    """The ticket whose messages refer to this one, which only now arrives. An id that a message has already is one
    that a program gives to all.
    """
    ticket = _by_reference(uow, account_id, [external_id])
    return ticket if ticket and external_ids.message_of(uow, account_id, [external_id]) is None else None


def _not_forged(uow: UnitOfWork, reference: str) -> bool:
    head = reference.split(".", 1)[0].split("@", 1)[0]
    return not tokens.SHAPE.fullmatch(head) or tokens.verify(uow.secrets, head) is not None


def _by_number(uow: UnitOfWork, account_id: int, inbound: Inbound) -> Match:
    """Joins by a number in our own form only, and for a participant only; any other number is a hint for the agent."""
    ticket = _numbered(uow, account_id, OWN_NUMBER, inbound.subject)
    doubt = _doubt(uow, ticket, inbound) if ticket else ""
    if ticket and doubt in ("", "unproved"):
        return Match(ticket, doubt)
    hinted = ticket or _numbered(uow, account_id, NUMBER_PATTERN, inbound.subject)
    return Match(follow_up_of=hinted.id if hinted else None)


def _numbered(uow: UnitOfWork, account_id: int, form: re.Pattern[str], subject: str) -> Ticket | None:
    for number in form.findall(subject)[:5]:
        ticket = current(uow, int(digits(number, "en")))
        if ticket and ticket.account_id == account_id:
            return ticket
    return None
