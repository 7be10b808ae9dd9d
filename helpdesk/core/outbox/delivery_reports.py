"""Delivery reports: which message a report refers to, and how its delivery is marked, without reopening the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import ChannelEvent, Outcome, Report
from helpdesk.core.errors import dump_message
from helpdesk.core.events.deliveries import DeliveryBounced, DeliveryConfirmed, DeliveryDelayed, DeliveryRead
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.identities import mark_bounced
from helpdesk.core.text import storable
from helpdesk.core.tickets import external_ids, tokens
from helpdesk.core.tickets.message_models import Delivery, Message, MessageExternalId
from helpdesk.core.tickets.models import Ticket

from . import delivery_outcomes, results

STATES = {"failed": DeliveryBounced, "delayed": DeliveryDelayed, "delivered": DeliveryConfirmed, "read": DeliveryRead}


RECENT = timedelta(days=7)  # servers that pass messages on give up after four to five (RFC 5321, 4.5.4.1)
AMONG = 300  # deliveries of an account that are looked through for a recipient, the newest


@dataclass
class Found:
    """The message a report refers to. ``proved``: by our own id or token, which nobody can guess; else by a
    recipient's address.
    """

    message_id: int
    proved: bool


def understood(uow: UnitOfWork, account_id: int, event: ChannelEvent) -> ChannelEvent:
    """What is filed: a report known by its words only that refers to nothing we sent counts as a message."""
    if isinstance(event, Report) and event.otherwise and find(uow, account_id, storable(event)) is None:
        return event.otherwise
    return event


def find(uow: UnitOfWork, account_id: int, report: Report, guess: bool = True) -> Found | None:
    """What a report refers to: by an external id, by a genuine token, or (a guess) by a recipient among the recent
    deliveries.
    """
    proved = external_ids.message_of(uow, account_id, report.references) or _by_token(uow, account_id, report.tokens)
    if proved:
        return Found(proved, True)
    likely = _by_recipient(uow, account_id, {outcome.address for outcome in report.outcomes}) if guess else None
    return Found(likely, False) if likely else None


def enter(uow: UnitOfWork, account_id: int, found: Found, report: Report) -> None:
    """Mark the delivery of the message a report refers to. Reopens nothing and is never acknowledged."""
    external_ids.keep(uow, account_id, found.message_id, report.external_ids if found.proved else ())
    delivery = uow.session.scalar(select(Delivery).where(Delivery.message_id == found.message_id).with_for_update())
    outcomes = report.outcomes
    if not outcomes and report.otherwise:  # it failed, and the report names nobody
        outcomes = [Outcome(Address("", ""), "failed", "", report.text[:500])]
    if delivery is None:
        return
    for outcome in outcomes or ():
        _enter(uow, delivery, outcome, report.at or uow.clock(), found.proved)


def _by_token(uow: UnitOfWork, account_id: int, given: list[str]) -> int | None:
    """The message of the last delivery that carried one of these tokens; it may have moved with a merge."""
    for token in given:
        ids = tokens.verify(uow.secrets, token)
        ticket = uow.session.get(Ticket, ids[0]) if ids else None
        if ticket is None:
            continue
        known = (
            MessageExternalId.account_id == account_id,
            MessageExternalId.external_id.startswith(f"{token.lower()}."),
        )
        query = (
            select(Delivery.message_id)
            .join(Message, Message.id == Delivery.message_id)
            .join(MessageExternalId, MessageExternalId.message_id == Message.id)
        )
        where = (Message.ticket_id.in_([i for i in (ticket.id, ticket.merged_into_id) if i]), *known)
        message_id = uow.session.scalar(query.where(*where).order_by(Delivery.id.desc()).limit(1))
        if message_id:
            return message_id
    return None


def _by_recipient(uow: UnitOfWork, account_id: int, people: set[Address]) -> int | None:
    if not people:
        return None
    query = select(Delivery.message_id, Delivery.to, Delivery.cc, Delivery.sent_at).where(
        Delivery.account_id == account_id
    )
    since, wanted = uow.clock() - RECENT, {(person.kind, person.value) for person in people}
    for row in uow.session.execute(query.order_by(Delivery.id.desc()).limit(AMONG)):
        reached = {(person["kind"], person["value"]) for person in [*row.to, *row.cc]}
        if row.sent_at and row.sent_at > since and reached & wanted:
            return int(row.message_id)
    return None


def _enter(uow: UnitOfWork, delivery: Delivery, outcome: Outcome, at: datetime, proved: bool) -> None:
    """One recipient's outcome. What was read or delivered stays so: an older or repeated report changes nothing."""
    message = uow.session.get_one(Message, delivery.message_id)
    if proved and delivery_outcomes.includes(delivery, outcome.address):
        _mark_address(uow, outcome)
    if outcome.state in ("delivered", "read"):
        if delivery.state == "uncertain" and not message.files:  # of several parts it may be another one
            results.mark_sent(uow, delivery)
        if not _has_arrived(delivery, outcome, at):
            return
    elif delivery.read_at:
        return
    elif outcome.state == "failed":
        delivery.state, delivery.reason = "bounced", dump_message(outcome.text)
        delivery_outcomes.bounced(delivery, outcome)
    kind = STATES.get(outcome.state, DeliveryDelayed)
    uow.record(kind(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery.id, status=outcome.status))


def _has_arrived(delivery: Delivery, outcome: Outcome, at: datetime) -> bool:
    """Write down when it was delivered or read first; False when that was known."""
    before = delivery.delivered_at, delivery.read_at
    delivery.delivered_at = min(delivery.delivered_at or at, at)
    if outcome.state == "read":
        delivery.read_at = min(delivery.read_at or at, at)
    return (delivery.delivered_at, delivery.read_at) != before


def _mark_address(uow: UnitOfWork, outcome: Outcome) -> None:
    """A permanent failure of the address itself (RFC 3463 class 5.1) marks it for everybody who would write there,
    until it works again.
    """
    permanent = outcome.state == "failed" and outcome.status.startswith("5.1")
    if not permanent and outcome.state not in ("delivered", "read"):
        return
    mark_bounced(uow, outcome.address.kind, outcome.address.value, outcome.status if permanent else "")
