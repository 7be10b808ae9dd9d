"""From an understood parcel to a ticket: filter, identify, match, route (decided first), then open or append in one commit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from . import addresses, external_ids, matching, media
from .accounts import view
from .addresses import Own
from .base import NEVER
from .channels import Address, File, Inbound
from .customers import Voice, add_identities, heard_from, owner_of, without_address
from .database import add, add_many, change, insert_if_new, insert_many_if_new
from .events.tickets import MessageQuiet, MessageReceived, MessageUnverified, TicketOpened
from .models import FORMS, Account, Arrival, Attachment, Message, MessageText, ConversationThread, Parcel, Participant, Ticket
from .promises import due
from .text import excerpt, joined, normalise, plain, storable
from .tickets import facts

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


def decide(desk, account: Account, inbound: Inbound) -> Decided:
    """Ask the plugins, without the write lock (law 5)."""
    known, own = view(desk, account, secrets=False), Own(desk)
    inbound = storable(desk.hooks.pipe("filter_inbound", inbound, account=known))
    inbound = addresses.attributed(inbound, own)
    given = {"inbound": inbound, "account": known, "session": desk.session}
    ask = desk.hooks.ask
    return Decided(
        account,
        inbound,
        own,
        customer_id=ask("identify_customer", **given),
        ticket_id=ask("match_ticket", **given),
        queue_id=ask("route_ticket", **given),
    )


def write(desk, parcel_id: int, decided: Decided, quiet: bool = False) -> str:
    """Open or append; returns the parcel's new state: "done" or "duplicate". Call it inside ``desk.writing()``."""
    first = _first_arrival(desk, decided.account.id, parcel_id, decided.inbound)
    if first:
        finish(desk, parcel_id, "duplicate", first_id=first)
        return "duplicate"
    found = _match(desk, decided)
    sender = _sender(desk, decided, found)
    if found.ticket is None:
        _open(desk, parcel_id, decided, sender, found, quiet)
    else:
        _append(desk, parcel_id, decided, sender, found, quiet)
    finish(desk, parcel_id, "done")
    return "done"


def _first_arrival(desk, account_id: int, parcel_id: int, inbound: Inbound) -> int | None:
    """The parcel that brought the same id and body before, if one did (law 3)."""
    if not inbound.external_id:
        return None
    identity = hashlib.sha256(f"{inbound.external_id}\n{inbound.fingerprint}".encode("utf-8", "replace")).hexdigest()
    if insert_if_new(desk.session, Arrival, account_id=account_id, identity=identity, parcel_id=parcel_id):
        return None
    first = desk.session.get(Arrival, (account_id, identity)).parcel_id
    return first if first != parcel_id else None


def _sender(desk, decided: Decided, found: matching.Match) -> Voice:
    """Whose message it is. Nobody is known by no address or by one of ours: a card each, or the one a token was made for."""
    inbound = decided.inbound
    if inbound.sender.value and inbound.sender not in decided.own:
        doubted = bool(inbound.automatic) or inbound.authentic is False or found.doubt not in ("", "unproved")
        told = {"verified": inbound.authentic is True, "doubted": doubted, "language": inbound.language}
        others = decided.own.without(inbound.identities[:IDENTITIES])
        sender = heard_from(desk, inbound.sender, customer_id=decided.customer_id or owner_of(desk, others), **told)
        add_identities(desk, sender.customer_id, others)
        return sender
    known = decided.customer_id or (found.voice and found.voice.customer_id)
    if known:
        return Voice(0, known)
    return without_address(desk, inbound.sender.name, inbound.language)


def _match(desk, decided: Decided) -> matching.Match:
    ticket = matching.current(desk, decided.ticket_id)
    return matching.Match(ticket) if ticket else matching.match(desk, decided.account.id, decided.inbound)


def _open(desk, parcel_id: int, decided: Decided, sender, found: matching.Match, history: bool) -> None:
    """A new ticket with its first message."""
    inbound, session, now = decided.inbound, desk.session, desk.clock()
    queue_id = decided.queue_id or decided.account.queue_id
    facts = {
        "status": "open",
        "priority": "low" if inbound.automatic else "normal",
        "queue_id": queue_id,
        "due_at": NEVER if inbound.automatic else due(desk, queue_id),
        "preview": excerpt(inbound.text, 200),
        "unread": 1,
        "updated_at": now,
    }
    subject = plain(inbound.subject)[:300]
    origin = {"account_id": decided.account.id, "channel": decided.account.channel, "follow_up_of_id": found.follow_up_of}
    ticket_id = add(session, Ticket, subject=subject, customer_id=sender.customer_id, created_at=now, **origin, **facts)
    if inbound.thread:
        insert_if_new(session, ConversationThread, account_id=decided.account.id, thread_key=inbound.thread[:255], ticket_id=ticket_id)
    message_id = _say(desk, parcel_id, decided, ticket_id, subject, sender, found)
    change(session, Ticket, ticket_id, last_message_id=message_id, last_inbound_id=message_id)
    _take_part(desk, ticket_id, _people(decided))
    after = {"status": "open", "priority": facts["priority"], "queue": queue_id, "assignee": None, "tags": []}
    told = _told(inbound, quiet=history or bool(inbound.automatic))
    desk.record(TicketOpened(ticket_id=ticket_id, message_id=message_id, **told, after=after))


def _append(desk, parcel_id: int, decided: Decided, sender, found: matching.Match, history: bool) -> None:
    """One more message on a ticket. What is automatic, or by somebody who takes no part, is quiet: it reopens nothing."""
    ticket, inbound, session = found.ticket, decided.inbound, desk.session
    message_id = _say(desk, parcel_id, decided, ticket.id, ticket.subject, sender, found)
    if not found.doubt:
        _take_part(desk, ticket.id, _people(decided))
    quiet = bool(inbound.automatic) or (found.unverified and found.doubt != "unproved")
    before = facts(ticket)
    new = {"last_message_id": message_id, "last_inbound_id": message_id, "preview": excerpt(inbound.text, 200)}
    new |= {"unread": ticket.unread + 1, "updated_at": desk.clock()}
    if not quiet:
        new |= {"status": "open", "active": True, "rests_until": None, "due_at": due(desk, ticket.queue_id) if ticket.due_at == NEVER else ticket.due_at}
    change(session, Ticket, ticket.id, **new)
    kind = MessageUnverified if found.unverified else MessageQuiet if quiet else MessageReceived
    told = _told(inbound, quiet=history or quiet)
    after = before if quiet else {**before, "status": "open", "rests_until": None}
    desk.record(kind(ticket_id=ticket.id, message_id=message_id, **told, before=before, after=after))


def _people(decided: Decided) -> list[Address]:
    """Who takes part because of a message: its sender and whom it names, but no machine, and nobody on the word of a forger."""
    inbound = decided.inbound
    if inbound.automatic:
        return []
    named = [] if inbound.authentic is False else [*inbound.to, *inbound.cc]
    return decided.own.without([inbound.sender, *named])[: COPIED + 1]


def _told(inbound: Inbound, quiet: bool) -> dict:
    """What those who listen to the journal need to know at once."""
    return ({"quiet": True} if quiet else {}) | ({"partial": True} if inbound.partial else {})


def _say(desk, parcel_id: int, decided: Decided, ticket_id: int, subject: str, sender, found: matching.Match) -> int:
    """The message itself with its ids, its files and its entry in search; returns its id."""
    inbound, account_id = decided.inbound, decided.account.id
    message_id = add(
        desk.session,
        Message,
        ticket_id=ticket_id,
        account_id=account_id,
        kind="in",
        form=inbound.form if inbound.form in FORMS else "text",
        visibility=inbound.visibility if inbound.visibility in ("public", "private") else "private",
        at=desk.clock(),
        customer_id=(found.voice if found.doubt == "bearer" else sender).customer_id,
        author=plain(inbound.sender.name)[:200],
        address=inbound.sender.value[:254],
        text=plain(inbound.text),
        quoted=plain(inbound.quoted),
        html=plain(inbound.html),
        parcel_id=parcel_id,
        automatic=inbound.automatic,
        unverified=found.unverified,
        details=_details(inbound) | ({"doubt": found.doubt} if found.doubt and not inbound.automatic else {}),
    )
    external_ids.keep(desk, account_id, message_id, [inbound.external_id, *inbound.external_ids])
    external_ids.mention(desk, account_id, ticket_id, inbound.references[-ANCESTORS:])
    attach(desk, message_id, inbound.files)
    media.fetch_later(desk, account_id, message_id, inbound.files)
    index(desk, message_id, subject, inbound.sender, inbound.text)
    return message_id


def _details(inbound: Inbound) -> dict:
    people = {key: [vars(a) for a in getattr(inbound, key)[:50]] for key in ("to", "cc", "reply_to") if getattr(inbound, key)}
    details = {**inbound.details, **people, "remarks": inbound.remarks, "authentic": inbound.authentic}
    if inbound.thread:
        details["thread"] = inbound.thread[:255]
    if inbound.at:
        details["claimed_at"] = inbound.at.isoformat()
    return details


def attach(desk, message_id: int, files: list[File]) -> None:
    """Give a message its files; bytes that are no blobs yet become blobs."""
    rows = [
        {
            "message_id": message_id,
            "name": plain(f.name)[:255],
            "type": f.type[:120],
            "size": f.size or len(f.content),
            "sha256": f.sha256 or ("" if f.ref else desk.blobs.put(f.content)),
            "state": "waiting" if f.ref and not f.sha256 else "ready",
            "ref": f.ref,
            "cid": f.cid[:255],
            "inline": f.inline,
        }
        for f in files
    ]
    add_many(desk.session, Attachment, rows)


def index(desk, message_id: int, subject: str, author: Address | None, text: str) -> None:
    """Enter a message into search: its words with subject and author, both forms of writing."""
    who = f"{author.name} {author.value}" if author else ""
    whole = "\n".join((subject, who, text))
    add_many(desk.session, MessageText, [{"message_id": message_id, "spaced": normalise(whole), "joined": joined(whole)}])


def _take_part(desk, ticket_id: int, people: list[Address]) -> None:
    rows = [{"ticket_id": ticket_id, "kind": p.kind, "address": p.value[:254], "name": plain(p.name)[:200]} for p in people]
    insert_many_if_new(desk.session, Participant, rows)


def finish(desk, parcel_id: int, state: str, **values) -> None:
    """A parcel has come as far as it goes."""
    change(desk.session, Parcel, parcel_id, state=state, lease_until=None, reason="", **values)
