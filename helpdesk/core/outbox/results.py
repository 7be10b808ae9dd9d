"""What came of a try to deliver: sent, later, uncertain, or given up where the agents see it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from helpdesk.core.accounts.health import note_sending
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.channel_events import Outcome
from helpdesk.core.database.leases import worker_name
from helpdesk.core.database.rows import insert_if_new, row_count
from helpdesk.core.errors import HelpdeskError, _, load_message
from helpdesk.core.events.deliveries import DeliveryDelayed, DeliveryFailed, DeliverySent, DeliveryUncertain
from helpdesk.core.events.registry import DomainEvent
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import external_ids
from helpdesk.core.tickets.message_models import Attempt, Delivery, Message
from helpdesk.core.tickets.models import ConversationThread
from helpdesk.core.tickets.tickets import choose_status, facts

from . import delivery_outcomes
from .normal_form import dated

GIVE_UP = timedelta(days=3)
BEGUN = "begun"  # the outcome of a try that is not over
WAITS = (60, 300, 900, 1800, 3600, 7200, 14400)  # seconds; the last one repeats


@dataclass
class Result:
    """What came of one try; ``detail`` as ``dump_message`` writes it."""

    state: str  # sent, later, failed, uncertain
    detail: str = ""
    after: float | None = None
    external_ids: tuple[str, ...] = ()
    misconfigured: bool = False
    outcomes: tuple[Outcome, ...] = ()
    thread: str = ""


def enter(uow: UnitOfWork, delivery_id: int, result: Result) -> None:
    """Write down what came of a try, unless somebody else has the delivery by now. Inside ``writing``."""
    session = uow.session
    delivery = session.get_one(Delivery, delivery_id)
    external_ids.keep(uow, delivery.account_id, delivery.message_id, result.external_ids)
    if delivery.worker != worker_name() or delivery.state != "sending":
        return
    delivery.lease_until = None
    if result.misconfigured or result.state == "sent":
        note_sending(uow, session.get_one(Account, delivery.account_id), result.detail if result.misconfigured else "")
    if result.thread:
        _keep_thread(uow, delivery, result.thread)
    if result.state == "sent":
        delivery_outcomes.settle(delivery, result.outcomes)
        delayed = any(outcome.state == "delayed" for outcome in result.outcomes)
        unsettled = (delayed or delivery.outcomes) and delivery_outcomes.left(delivery)
        result.state = "later" if unsettled else "sent"
    _enter_attempt(uow, delivery, result)
    if result.state == "sent":
        mark_sent(uow, delivery)
    elif result.state == "uncertain":
        _doubt(uow, delivery, result.detail)
    elif result.state == "later" and uow.clock() - max(delivery.created_at, dated(delivery.message)) < GIVE_UP:
        delivery.state, delivery.reason = "queued", result.detail
        delivery.due_at = uow.clock() + timedelta(seconds=wait(delivery.tries, result.after))
        if delivery.tries == 1:
            _record(uow, delivery, DeliveryDelayed)
    else:
        fail(uow, delivery, result.detail)


def begin(uow: UnitOfWork, delivery_id: int) -> None:
    """Write down that a message is handed over from now on."""
    with uow.writing() as session:
        session.add(Attempt(delivery_id=delivery_id, at=uow.clock(), outcome=BEGUN))
    failpoint("outbox.begun")


def begun(uow: UnitOfWork, delivery_id: int) -> bool:
    """True when handing over was begun, and nobody knows what came of it."""
    query = select(Attempt.id).where(Attempt.delivery_id == delivery_id, Attempt.outcome == BEGUN)
    return uow.session.scalar(query.limit(1)) is not None


def _enter_attempt(uow: UnitOfWork, delivery: Delivery, result: Result) -> None:
    """The try, in the place of the one that was begun."""
    values = {"at": uow.clock(), "outcome": result.state, "detail": result.detail}
    ours = Attempt.delivery_id == delivery.id, Attempt.outcome == BEGUN
    if not row_count(uow.session.execute(update(Attempt).where(*ours).values(values))):
        uow.session.add(Attempt(delivery_id=delivery.id, **values))


def _keep_thread(uow: UnitOfWork, delivery: Delivery, key: str) -> None:
    """Tie the conversation it went into to its ticket, unless another open ticket has it."""
    values = {"thread_key": key[:255], "ticket_id": delivery.message.ticket_id}
    insert_if_new(uow.session, ConversationThread, account_id=delivery.account_id, **values)


def wait(tries: int, after: float | None) -> float:
    """Seconds until the next try: longer each time, never all at once."""
    base = WAITS[min(tries, len(WAITS)) - 1]
    return max(base * random.uniform(0.8, 1.2), after or 0)


def mark_sent(uow: UnitOfWork, delivery: Delivery) -> None:
    """Mark it sent; a note names whom it did not reach. Inside ``writing``."""
    delivery.state, delivery.sent_at, delivery.reason = "sent", uow.clock(), ""
    _record(uow, delivery, DeliverySent)
    missed = delivery_outcomes.has(delivery, "failed")
    if missed:
        _note(uow, delivery, delivery.outcomes[missed[0]]["reason"], missed)


def fail(uow: UnitOfWork, delivery: Delivery, reason: str) -> None:
    """Nobody else will be reached: the agents see a note with the reason (as ``dump_message`` writes it). Inside
    ``writing``.
    """
    delivery_outcomes.give_up(delivery, reason)
    if delivery.outcomes:
        mark_sent(uow, delivery)
        return
    delivery.state, delivery.reason = "failed", reason
    _note(uow, delivery, reason)


def _doubt(uow: UnitOfWork, delivery: Delivery, reason: str) -> None:
    """It may have arrived, and sent again it might arrive twice: the agents see a note and decide."""
    delivery.state, delivery.reason = "uncertain", reason
    _note(uow, delivery, reason, uncertain=True)


def _note(
    uow: UnitOfWork, delivery: Delivery, reason: str, missed: Sequence[str] = (), uncertain: bool = False
) -> None:
    """Final: the agents see a note, the ticket is theirs again. Its text is for search; who reads it is told in
    their language.
    """
    message = delivery.message
    ticket = message.ticket
    said = unreached(reason, missed, uncertain)
    details = {"failed": delivery.id, "reason": reason, "missed": list(missed), "uncertain": uncertain}
    note = Message(
        ticket_id=ticket.id, kind="note", visibility="internal", at=uow.clock(), text=str(said), details=details
    )
    uow.session.add(note)
    uow.session.flush()
    before = facts(ticket)
    ticket.last_message_id, ticket.updated_at = note.id, note.at
    if ticket.status == "waiting":
        choose_status(uow, ticket, "open")
    _record(uow, delivery, DeliveryUncertain if uncertain else DeliveryFailed, before=before, after=facts(ticket))


def unreached(reason: str, missed: Sequence[str], uncertain: bool = False) -> HelpdeskError:
    """What there is to say of a message that did not reach ``missed``, or nobody at all, or of which that is not
    known.
    """
    if uncertain:
        return HelpdeskError(
            _("It is not known whether this message reached the customer: %(reason)s"), reason=load_message(reason)
        )
    if missed:
        return HelpdeskError(
            _("This message did not reach %(people)s: %(reason)s"),
            people=", ".join(missed),
            reason=load_message(reason),
        )
    return HelpdeskError(_("This message did not reach the customer: %(reason)s"), reason=load_message(reason))


def _record(uow: UnitOfWork, delivery: Delivery, kind: Callable[..., DomainEvent], **data: Any) -> None:
    message = delivery.message
    uow.record(kind(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery.id, **data))
