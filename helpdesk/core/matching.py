"""Which ticket a message belongs to: threading needs proof (law 6).

A genuine token joins as the person it was made for. A known reference joins too, but somebody who takes no part joins unverified.
A bare number joins only for a participant. Everything else is a new ticket, at most linked as a possible follow-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from . import external_ids, tokens
from .channels import Inbound
from .database import by_id
from .models import Identity, ConversationThread, Participant, Ticket
from .text import digits

NUMBER = re.compile(r"#\s?([0-9۰-۹٠-٩]{1,12})")
ANCESTORS = 100  # how many references of a message are looked up, the nearest
MERGES = 20  # how many merges a pointer may follow
TAKES_PART = select(Participant.ticket_id).where(
    Participant.ticket_id == bindparam("ticket"), Participant.kind == bindparam("kind"), Participant.address == bindparam("address")
)


@dataclass
class Match:
    """Where a message goes: ``ticket`` None for a new one; ``voice`` the identity a token was made for."""

    ticket: Ticket | None = None
    unverified: bool = False
    voice: Identity | None = None
    follow_up_of: int | None = None


def match(desk, account_id: int, inbound: Inbound) -> Match:
    """Weigh the evidence of a message, strongest first."""
    for token in inbound.tokens:
        found = _by_token(desk, token)
        if found:
            return found
    ticket = _by_thread(desk, account_id, inbound.thread) or _by_reference(desk, account_id, inbound.references)
    if ticket:
        return Match(ticket, unverified=not takes_part(desk, ticket, inbound))
    ticket = _by_number(desk, account_id, inbound.subject)
    if ticket and takes_part(desk, ticket, inbound):
        return Match(ticket)
    return Match(follow_up_of=ticket.id if ticket else None)


def takes_part(desk, ticket: Ticket, inbound: Inbound) -> bool:
    """True when the sender's address is a participant and no trusted server speaks against it. Whoever names no address takes no part."""
    if inbound.authentic is False or not inbound.sender.value:
        return False
    who = {"ticket": ticket.id, "kind": inbound.sender.kind, "address": inbound.sender.value[:254]}
    return desk.session.connection().execute(TAKES_PART, who).first() is not None


def current(desk, ticket_id: int | None) -> Ticket | None:
    """The ticket, or the one it was merged into, for this writer alone until the commit."""
    ticket = _read(desk, ticket_id)
    for _ in range(MERGES):
        if ticket is None or ticket.merged_into_id is None:
            break
        ticket = _read(desk, ticket.merged_into_id)
    return ticket


def _read(desk, ticket_id: int | None) -> Ticket | None:
    return by_id(desk.session, Ticket, ticket_id, populate_existing=True, with_for_update=True)


def _by_token(desk, token: str) -> Match | None:
    ids = tokens.verify(desk.secret, token)
    ticket = current(desk, ids[0]) if ids else None
    voice = desk.session.get(Identity, ids[1]) if ids else None
    return Match(ticket, voice=voice) if ticket and voice else None


def _by_thread(desk, account_id: int, thread: str) -> Ticket | None:
    row = desk.session.get(ConversationThread, (account_id, thread[:255])) if thread else None
    return current(desk, row.ticket_id) if row else None


def _by_reference(desk, account_id: int, references: list[str]) -> Ticket | None:
    """The ticket of the newest known reference. Ids in our own form count only when their signature is good."""
    return current(desk, external_ids.ticket_of(desk, account_id, (r for r in references[-ANCESTORS:] if _not_forged(desk, r))))


def _not_forged(desk, reference: str) -> bool:
    head = reference.split(".", 1)[0].split("@", 1)[0]
    return not tokens.SHAPE.fullmatch(head) or tokens.verify(desk.secret, head) is not None


def _by_number(desk, account_id: int, subject: str) -> Ticket | None:
    for number in NUMBER.findall(subject)[:5]:
        ticket = current(desk, int(digits(number, "en")))
        if ticket and ticket.account_id == account_id:
            return ticket
    return None
