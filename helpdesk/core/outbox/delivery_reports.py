"""Reports of machines on what we sent: a delivery bounces or is late, quietly, on the ticket it belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from helpdesk.core.channels.channel_events import Outcome, Report
from helpdesk.core.errors import dump_message
from helpdesk.core.events.deliveries import DeliveryBounced, DeliveryConfirmed, DeliveryDelayed, DeliveryRead
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets import external_ids
from helpdesk.core.tickets.message_models import Delivery, Message

from . import delivery_outcomes

STATES = {"failed": DeliveryBounced, "delayed": DeliveryDelayed, "delivered": DeliveryConfirmed, "read": DeliveryRead}


def enter(uow: UnitOfWork, account_id: int, message_id: int, report: Report) -> None:
    """Mark the delivery of the message a report speaks of; reopens nothing and is answered by nobody."""
    external_ids.keep(uow, account_id, message_id, report.external_ids)
    delivery = uow.session.scalar(select(Delivery).where(Delivery.message_id == message_id).with_for_update())
    for outcome in (report.outcomes or ()) if delivery else ():
        _enter(uow, delivery, outcome, report.at or uow.clock())


def _enter(uow: UnitOfWork, delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    """One recipient's outcome. What was read or delivered stays so: an older or repeated report changes nothing."""
    message = uow.session.get(Message, delivery.message_id)
    if outcome.state in ("delivered", "read"):
        if not _has_arrived(delivery, outcome, at):
            return
    elif delivery.read_at:
        return
    elif outcome.state == "failed":
        delivery.state, delivery.reason = "bounced", dump_message(outcome.text)
        delivery_outcomes.bounced(delivery, outcome)
        _mark_address(uow, outcome)
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
    """A permanent failure of the address itself (RFC 3463 class 5.1) marks it for everybody who would write there."""
    if not outcome.status.startswith("5.1"):
        return
    where = (Identity.kind == outcome.address.kind, Identity.address == outcome.address.value)
    uow.session.execute(update(Identity).where(*where).values(bounced=outcome.status))
