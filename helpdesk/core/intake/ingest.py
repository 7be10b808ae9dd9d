"""From an understood raw message to a ticket: filter, identify, match, route (decided first), then open or append in
one commit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.core.accounts import addresses
from helpdesk.core.accounts.accounts import view
from helpdesk.core.accounts.addresses import Own
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.database.base import NEVER
from helpdesk.core.database.rows import add, change, insert_if_new, insert_many_if_new
from helpdesk.core.events.tickets import MessageAutomatic, MessageReceived, MessageUnverified, TicketFacts, TicketOpened
from helpdesk.core.intake import threading
from helpdesk.core.intake.models import RawMessage, SeenMessage
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import Sender, identity_of_sender, without_address
from helpdesk.core.sla import clocks
from helpdesk.core.sla.order import by_last_word, by_target
from helpdesk.core.text import excerpt, plain, storable
from helpdesk.core.tickets import addressees, external_ids, media
from helpdesk.core.tickets.clocks import moment_of
from helpdesk.core.tickets.customers import add_identities, claims, owner_of
from helpdesk.core.tickets.message_models import FORMS, Message
from helpdesk.core.tickets.messages import attach, index
from helpdesk.core.tickets.models import ConversationThread, Participant, Ticket
from helpdesk.core.tickets.tickets import facts

ANCESTORS = 20  # how many references of a message are remembered
IDENTITIES = 10  # how many further addresses of a sender are remembered
COPIED = 20  # how many people in copy become participants


@dataclass
class Decided:
    """What plugins decided about a message before the write began; None leaves it to the desk's own rules."""

    account: Account
    inbound: Inbound
    own: Own
    customer_id: int | None = None
    ticket_id: int | None = None
    queue_id: int | None = None


def decide(uow: UnitOfWork, account: Account, inbound: Inbound) -> Decided:
    """Ask the plugins, without the write lock (law 5)."""
    known, own = view(uow, account, secrets=False), Own(uow)
    inbound = storable(uow.hooks.pipe("filter_inbound", inbound, account=known))
    inbound = addresses.attributed(inbound, own)
    given = {"inbound": inbound, "account": known, "session": uow.session}
    ask = uow.hooks.ask
    return Decided(
        account,
        inbound,
        own,
        customer_id=ask("identify_customer", **given),
        ticket_id=ask("match_ticket", **given),
        queue_id=ask("route_ticket", **given),
    )


def write(uow: UnitOfWork, raw_message_id: int, decided: Decided, imported: bool = False) -> str:
    """Open or append; returns the raw message's new state: "done" or "duplicate". Call it inside ``uow.writing()``."""
    first = _first_seen(uow, decided.account.id, raw_message_id, decided.inbound)
    if first:
        finish(uow, raw_message_id, "duplicate", first_id=first)
        return "duplicate"
    found = _match(uow, decided)
    sender = _sender(uow, decided, found)
    if found.ticket is None:
        _open(uow, raw_message_id, decided, sender, found, imported)
    else:
        _append(uow, raw_message_id, decided, sender, found, imported)
    finish(uow, raw_message_id, "done")
    return "done"


def _first_seen(uow: UnitOfWork, account_id: int, raw_message_id: int, inbound: Inbound) -> int | None:
    """The raw message that brought the same id and body before, if one did (law 3)."""
    if not inbound.external_id:
        return None
    identity = hashlib.sha256(f"{inbound.external_id}\n{inbound.fingerprint}".encode("utf-8", "replace")).hexdigest()
    if insert_if_new(uow.session, SeenMessage, account_id=account_id, identity=identity, raw_message_id=raw_message_id):
        return None
    first = uow.session.get_one(SeenMessage, (account_id, identity)).raw_message_id
    return first if first != raw_message_id else None


def _sender(uow: UnitOfWork, decided: Decided, found: threading.Match) -> Sender:
    """Whose message it is. Nobody is known by no address or by one of ours: a card each, or the one a token was made
    for.
    """
    inbound = decided.inbound
    if inbound.sender.value and inbound.sender not in decided.own:
        doubted = bool(inbound.automatic) or inbound.authentic is False or found.doubt not in ("", "unproved")
        others = decided.own.without(inbound.identities[:IDENTITIES])
        sender = identity_of_sender(
            uow,
            inbound.sender,
            verified=inbound.authentic is True,
            doubted=doubted,
            language=inbound.language,
            customer_id=decided.customer_id or owner_of(uow, others),
        )
        add_identities(uow, sender.customer_id, others)
        return sender
    known = decided.customer_id or (found.identity and found.identity.customer_id)
    if known:
        return Sender(0, known)
    return without_address(uow, inbound.sender.name, inbound.language)


def _match(uow: UnitOfWork, decided: Decided) -> threading.Match:
    ticket = threading.current(uow, decided.ticket_id)
    return threading.Match(ticket) if ticket else threading.match(uow, decided.account.id, decided.inbound)


def _open(
    uow: UnitOfWork, raw_message_id: int, decided: Decided, sender: Any, found: threading.Match, imported: bool
) -> None:
    """A new ticket with its first message."""
    inbound, session, now = decided.inbound, uow.session, uow.clock()
    queue_id = decided.queue_id or decided.account.queue_id
    priority = "low" if inbound.automatic else "normal"
    facts = {
        "status": "open",
        "priority": priority,
        "queue_id": queue_id,
        "target_at": NEVER if inbound.automatic else by_last_word(now),
        "preview": excerpt(inbound.text, 200),
        "unread": 1,
        "updated_at": now,
    }
    subject = plain(inbound.subject)[:300]
    origin = {
        "account_id": decided.account.id,
        "channel": decided.account.channel,
        "follow_up_of_id": found.follow_up_of,
    }
    ticket_id = add(session, Ticket, subject=subject, customer_id=sender.customer_id, created_at=now, **origin, **facts)
    if not inbound.automatic and not imported:
        clocks.begin(uow, ticket_id, "opened")
    if inbound.thread:
        insert_if_new(
            session,
            ConversationThread,
            account_id=decided.account.id,
            thread_key=inbound.thread[:255],
            ticket_id=ticket_id,
        )
    message_id = _write_message(uow, raw_message_id, decided, ticket_id, subject, sender, found, now)
    change(session, Ticket, ticket_id, last_message_id=message_id, last_inbound_id=message_id)
    _add_participants(uow, ticket_id, _people(decided))
    after: TicketFacts = {"status": "open", "priority": priority, "queue": queue_id, "assignee": None, "tags": []}
    flags = _flags(inbound, silent=imported or bool(inbound.automatic))
    uow.record(TicketOpened(ticket_id=ticket_id, message_id=message_id, **flags, after=after))


def _append(
    uow: UnitOfWork, raw_message_id: int, decided: Decided, sender: Any, found: threading.Match, imported: bool
) -> None:
    """One more message on a ticket. What is automatic, or by somebody who takes no part, is silent: it reopens
    nothing.
    """
    ticket, inbound, session, now = found.joined, decided.inbound, uow.session, uow.clock()
    message_id = _write_message(uow, raw_message_id, decided, ticket.id, ticket.subject, sender, found, now)
    if not found.doubt:
        _add_participants(uow, ticket.id, _people(decided))
    silent = bool(inbound.automatic) or (found.unverified and found.doubt != "unproved")
    before = facts(ticket)
    new: dict[str, Any] = {
        "last_message_id": message_id,
        "last_inbound_id": message_id,
        "preview": excerpt(inbound.text, 200),
    }
    new |= {"unread": ticket.unread + 1, "updated_at": now}
    if not silent:
        moments = () if imported else (*moment_of(ticket.status, "open"), "asked")
        nearest = clocks.observe(uow, ticket.id, *moments)
        target_at = by_target(nearest) if nearest else by_last_word(now)
        new |= {"status": "open", "active": True, "snoozed_until": None, "target_at": target_at}
    if not (found.doubt or inbound.automatic) and claims(uow, ticket.customer_id, inbound.sender):
        new["customer_id"] = sender.customer_id  # who was written to by their address alone has written
    change(session, Ticket, ticket.id, **new)
    kind = MessageUnverified if found.unverified else MessageAutomatic if silent else MessageReceived
    flags = _flags(inbound, silent=imported or silent)
    after: TicketFacts = before if silent else {**before, "status": "open", "snoozed_until": None}
    uow.record(kind(ticket_id=ticket.id, message_id=message_id, **flags, before=before, after=after))


def _people(decided: Decided) -> list[Address]:
    """Who takes part because of a message: its sender and whom it names, but no machine, and nobody on the word of a
    forger.
    """
    inbound = decided.inbound
    if inbound.automatic:
        return []
    named = [] if inbound.authentic is False else [*inbound.to, *inbound.cc]
    return decided.own.without([inbound.sender, *named])[: COPIED + 1]


def _flags(inbound: Inbound, silent: bool) -> dict[str, Any]:
    """What those who listen to the journal need to know at once."""
    return ({"silent": True} if silent else {}) | ({"partial": True} if inbound.partial else {})


def _write_message(
    uow: UnitOfWork,
    raw_message_id: int,
    decided: Decided,
    ticket_id: int,
    subject: str,
    sender: Any,
    found: threading.Match,
    at: datetime,
) -> int:
    """The message itself with its ids, its files and its entry in search; returns its id."""
    inbound, account_id = decided.inbound, decided.account.id
    message_id = add(
        uow.session,
        Message,
        ticket_id=ticket_id,
        account_id=account_id,
        kind="in",
        form=inbound.form if inbound.form in FORMS else "text",
        visibility=inbound.visibility if inbound.visibility in ("public", "private") else "private",
        at=at,
        customer_id=(found.identity if found.identity and found.doubt == "bearer" else sender).customer_id,
        author=plain(inbound.sender.name)[:200],
        address=inbound.sender.value[:254],
        text=plain(inbound.text),
        quoted=plain(inbound.quoted),
        html=plain(inbound.html),
        raw_message_id=raw_message_id,
        automatic=inbound.automatic,
        unverified=found.unverified,
        details=_details(inbound, addressees.kinds_of(uow, decided.account))
        | ({"doubt": found.doubt} if found.doubt and not inbound.automatic else {}),
    )
    external_ids.keep(uow, account_id, message_id, [inbound.external_id, *inbound.external_ids])
    external_ids.mention(uow, account_id, ticket_id, inbound.references[-ANCESTORS:])
    attach(uow, message_id, inbound.files)
    media.fetch_later(uow, account_id, message_id, inbound.files)
    index(uow, message_id, subject, inbound.sender, inbound.text)
    return message_id


def _details(inbound: Inbound, kinds: tuple[str, ...]) -> dict[str, Any]:
    people = {
        key: [a.as_row() for a in getattr(inbound, key)[:50]]
        for key in ("to", "cc", "reply_to")
        if getattr(inbound, key)
    }
    details = {**inbound.details, **people, "remarks": inbound.remarks, "authentic": inbound.authentic}
    if inbound.sender.spelling:
        details["spelling"] = inbound.sender.spelling
    if inbound.sender.kind not in kinds[:1]:
        details["address_kind"] = inbound.sender.kind
    if inbound.thread:
        details["thread"] = inbound.thread[:255]
    if inbound.at:
        details["claimed_at"] = inbound.at.isoformat()
    return details


def _add_participants(uow: UnitOfWork, ticket_id: int, people: list[Address]) -> None:
    rows = [
        {"ticket_id": ticket_id, "kind": p.kind, "address": p.value[:254], "name": plain(p.name)[:200]} for p in people
    ]
    insert_many_if_new(uow.session, Participant, rows)


def finish(uow: UnitOfWork, raw_message_id: int, state: str, **values: Any) -> None:
    """A raw message has come as far as it goes."""
    change(uow.session, RawMessage, raw_message_id, state=state, lease_until=None, reason="", **values)
