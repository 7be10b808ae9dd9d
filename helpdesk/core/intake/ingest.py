"""From an understood raw message to a ticket: filter, identify, match, route (decided first), then open or append in
one commit.
"""

from __future__ import annotations

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
from helpdesk.core.database.rows import add, change, insert_if_new
from helpdesk.core.events.tickets import MessageAutomatic, MessageReceived, MessageUnverified, TicketFacts, TicketOpened
from helpdesk.core.intake import known, threading
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import Sender, identity_of_sender, without_address
from helpdesk.core.people.models import Identity
from helpdesk.core.sla import clocks
from helpdesk.core.sla.order import by_last_word, by_target
from helpdesk.core.text import excerpt, plain, storable
from helpdesk.core.tickets import addressees, external_ids, media, participants
from helpdesk.core.tickets.clocks import moment_of
from helpdesk.core.tickets.customers import add_identities, claims, owner_of, typed_card
from helpdesk.core.tickets.message_models import FORMS, Message
from helpdesk.core.tickets.messages import attach, index
from helpdesk.core.tickets.models import ConversationThread, Ticket
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


@dataclass
class Placed:
    """A decided message with the row that brought it, the ticket it matches and its sender. ``imported``: it belongs to
    the past, so no clock starts and nobody is notified.
    """

    raw_message_id: int
    decided: Decided
    found: threading.Match
    sender: Sender
    imported: bool

    @property
    def inbound(self) -> Inbound:
        """The message itself."""
        return self.decided.inbound


def decide(uow: UnitOfWork, account: Account, inbound: Inbound) -> Decided:
    """Ask the plugins, without the write lock (law 5)."""
    shown, own = view(uow, account, secrets=False), Own(uow)
    inbound = storable(uow.hooks.pipe("filter_inbound", inbound, account=shown))
    inbound = addresses.attributed(inbound, own)
    given = {"inbound": inbound, "account": shown, "session": uow.session}
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
    first = known.first_seen(uow, decided.account.id, raw_message_id, decided.inbound)
    if first:
        finish(uow, raw_message_id, "duplicate", first_id=first)
        return "duplicate"
    if known.join_album(uow, decided.account.id, decided.inbound):
        finish(uow, raw_message_id, "done")
        return "done"
    found = _match(uow, decided)
    placed = Placed(raw_message_id, decided, found, _sender(uow, decided, found), imported)
    if found.ticket is None:
        _open(uow, placed)
    else:
        _append(uow, placed)
    finish(uow, raw_message_id, "done")
    return "done"


def _sender(uow: UnitOfWork, decided: Decided, found: threading.Match) -> Sender:
    """Whose message it is. Nobody is known by no address or by one of ours: a card each, or the one a token was made
    for.
    """
    inbound = decided.inbound
    if inbound.typed and inbound.sender.value and inbound.sender not in decided.own:
        return Sender(0, typed_card(uow, inbound.sender, inbound.language))
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
    customer_id = decided.customer_id or (found.identity and found.identity.customer_id)
    if customer_id:
        return Sender(0, customer_id)
    return without_address(uow, inbound.sender.name, inbound.language)


def _match(uow: UnitOfWork, decided: Decided) -> threading.Match:
    ticket = threading.current(uow, decided.ticket_id)
    return threading.Match(ticket) if ticket else threading.match(uow, decided.account.id, decided.inbound)


def _open(uow: UnitOfWork, placed: Placed) -> None:
    """A new ticket with its first message."""
    inbound, silent = placed.inbound, placed.imported or bool(placed.inbound.automatic)
    new = _new_ticket(uow, placed)
    ticket_id = add(uow.session, Ticket, **new)
    if not silent and not new["simulated"]:
        clocks.begin(uow, ticket_id, "opened")
    _keep_thread(uow, placed, ticket_id)
    message_id = _write_message(uow, placed, ticket_id, new["subject"], new["created_at"])
    change(uow.session, Ticket, ticket_id, last_message_id=message_id, last_inbound_id=message_id)
    participants.add(uow, ticket_id, _people(placed.decided))
    after: TicketFacts = {
        "status": "open",
        "priority": new["priority"],
        "queue": new["queue_id"],
        "assignee": None,
        "tags": [],
    }
    uow.record(TicketOpened(ticket_id=ticket_id, message_id=message_id, **_flags(inbound, silent), after=after))


def _new_ticket(uow: UnitOfWork, placed: Placed) -> dict[str, Any]:
    """The columns of a new ticket."""
    account, inbound, now = placed.decided.account, placed.inbound, uow.clock()
    simulated = uow.runtime.channels[account.channel].simulated
    return {
        "simulated": simulated,
        "active": not simulated,
        "subject": plain(inbound.subject)[:300],
        "customer_id": placed.sender.customer_id,
        "account_id": account.id,
        "channel": account.channel,
        "follow_up_of_id": placed.found.follow_up_of,
        "status": "open",
        "priority": "low" if inbound.automatic else "normal",
        "queue_id": placed.decided.queue_id or account.queue_id,
        "target_at": NEVER if inbound.automatic else by_last_word(now),
        "preview": excerpt(inbound.text, 200),
        "unread": 1,
        "created_at": now,
        "updated_at": now,
    }


def _keep_thread(uow: UnitOfWork, placed: Placed, ticket_id: int) -> None:
    """Tie the channel's own thread to its new ticket."""
    if placed.inbound.thread:
        account_id, key = placed.decided.account.id, placed.inbound.thread[:255]
        insert_if_new(uow.session, ConversationThread, account_id=account_id, thread_key=key, ticket_id=ticket_id)


def _append(uow: UnitOfWork, placed: Placed) -> None:
    """One more message on a ticket. What is automatic, or by somebody who does not participate, is silent: it reopens
    nothing.
    """
    ticket, inbound, found, now = placed.found.joined, placed.inbound, placed.found, uow.clock()
    message_id = _write_message(uow, placed, ticket.id, ticket.subject, now)
    if not found.doubt:
        participants.add(uow, ticket.id, _people(placed.decided))
    silent = bool(inbound.automatic) or (found.unverified and found.doubt != "unproved")
    before = facts(ticket)
    new = {"last_message_id": message_id, "last_inbound_id": message_id, "preview": excerpt(inbound.text, 200)}
    new |= {"unread": ticket.unread + 1, "updated_at": now}
    new |= {} if silent else _reopened(uow, ticket, placed.imported)
    if not (found.doubt or inbound.automatic) and claims(uow, ticket.customer_id, inbound.sender):
        new["customer_id"] = placed.sender.customer_id  # who was written to by their address alone has written
    change(uow.session, Ticket, ticket.id, **new)
    kind = MessageUnverified if found.unverified else MessageAutomatic if silent else MessageReceived
    flags = _flags(inbound, silent=placed.imported or silent)
    after: TicketFacts = before if silent else {**before, "status": "open", "snoozed_until": None}
    uow.record(kind(ticket_id=ticket.id, message_id=message_id, **flags, before=before, after=after))


def _reopened(uow: UnitOfWork, ticket: Ticket, imported: bool) -> dict[str, Any]:
    """The columns of a ticket whose customer wrote again."""
    moments = () if imported or ticket.simulated else (*moment_of(ticket.status, "open"), "asked")
    nearest = clocks.observe(uow, ticket.id, *moments)
    target_at = by_target(nearest) if nearest else by_last_word(uow.clock())
    return {"status": "open", "active": not ticket.simulated, "snoozed_until": None, "target_at": target_at}


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


def _write_message(uow: UnitOfWork, placed: Placed, ticket_id: int, subject: str, at: datetime) -> int:
    """The message itself with its ids, its files and its entry in search; returns its id."""
    inbound, account = placed.inbound, placed.decided.account
    message_id = add(
        uow.session,
        Message,
        ticket_id=ticket_id,
        account_id=account.id,
        kind="in",
        form=inbound.form if inbound.form in FORMS else "text",
        visibility=inbound.visibility if inbound.visibility in ("public", "private") else "private",
        at=at,
        customer_id=_author(placed).customer_id,
        author=plain(inbound.sender.name)[:200],
        address=inbound.sender.value[:254],
        text=plain(inbound.text),
        quoted=plain(inbound.quoted),
        html=plain(inbound.html),
        raw_message_id=placed.raw_message_id,
        automatic=inbound.automatic,
        unverified=placed.found.unverified,
        details=_details(placed, addressees.kinds_of(uow, account)),
    )
    ids = [inbound.external_id, *inbound.external_ids, known.album_id(inbound)]
    external_ids.keep(uow, account.id, message_id, ids)
    external_ids.mention(uow, account.id, ticket_id, inbound.references[-ANCESTORS:])
    attach(uow, message_id, inbound.files)
    media.fetch_later(uow, account.id, message_id, inbound.files)
    index(uow, message_id, subject, inbound.sender, inbound.text)
    return message_id


def _author(placed: Placed) -> Sender | Identity:
    """Whose card the message is on: with a token that was made for another address, its owner's."""
    found = placed.found
    return found.identity if found.identity and found.doubt == "bearer" else placed.sender


def _details(placed: Placed, kinds: tuple[str, ...]) -> dict[str, Any]:
    inbound = placed.inbound
    people = {
        key: [a.as_row() for a in getattr(inbound, key)[:50]]
        for key in ("to", "cc", "reply_to")
        if getattr(inbound, key)
    }
    optional = {
        "spelling": inbound.sender.spelling,
        "address_kind": "" if inbound.sender.kind in kinds[:1] else inbound.sender.kind,
        "thread": inbound.thread[:255],
        "claimed_at": inbound.at.isoformat() if inbound.at else "",
        "doubt": "" if inbound.automatic else placed.found.doubt,
    }
    given = {**inbound.details, **people, "remarks": inbound.remarks, "authentic": inbound.authentic}
    return given | {name: value for name, value in optional.items() if value}


def finish(uow: UnitOfWork, raw_message_id: int, state: str, **values: Any) -> None:
    """A raw message has come as far as it goes."""
    change(uow.session, RawMessage, raw_message_id, state=state, lease_until=None, reason="", **values)
