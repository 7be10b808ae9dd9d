"""Reports of machines on what we sent: a delivery bounces or is late, quietly, on the ticket it belongs to."""

from __future__ import annotations

from sqlalchemy import select, update

from . import external_ids, recipients
from .channels import Outcome, Report
from .errors import told
from .events.deliveries import DeliveryBounced, DeliveryConfirmed, DeliveryDelayed
from .models import Delivery, Identity, Message

STATES = {"failed": DeliveryBounced, "delayed": DeliveryDelayed, "delivered": DeliveryConfirmed}


def enter(desk, account_id: int, report: Report) -> None:
    """Mark the delivery a report speaks of; reopens nothing and is answered by nobody."""
    delivery = _delivery(desk, account_id, report)
    if delivery is None:
        return
    for outcome in report.outcomes or ():
        _enter(desk, delivery, outcome)


def _delivery(desk, account_id: int, report: Report) -> Delivery | None:
    message_id = external_ids.message_of(desk, account_id, report.references)
    return desk.session.scalar(select(Delivery).where(Delivery.message_id == message_id)) if message_id else None


def _enter(desk, delivery: Delivery, outcome: Outcome) -> None:
    message = desk.session.get(Message, delivery.message_id)
    if outcome.state == "failed":
        delivery.state, delivery.reason = "bounced", told(outcome.text)
        recipients.bounced(delivery, outcome)
        _mark_address(desk, outcome)
    kind = STATES.get(outcome.state, DeliveryDelayed)
    desk.record(kind(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery.id, status=outcome.status))


def _mark_address(desk, outcome: Outcome) -> None:
    """A permanent failure of the address itself (RFC 3463 class 5.1) marks it for everybody who would write there."""
    if not outcome.status.startswith("5.1"):
        return
    where = (Identity.kind == outcome.address.kind, Identity.address == outcome.address.value)
    desk.session.execute(update(Identity).where(*where).values(bounced=outcome.status))
