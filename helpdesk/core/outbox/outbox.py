"""The way out: deliveries are claimed, sent by their channel without any lock, and what came of it is written down.

A delivery whose sender died is sent again with the same external id: at least once, recognisable by the other side.
Failures back off with jitter for three days; the last one becomes a note that the agents see.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from helpdesk.core.accounts.accounts import channel, note_sending, view
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Written
from helpdesk.core.channels.channel_events import Outcome
from helpdesk.core.channels.outbound import Outbound, Sent
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.errors import HelpdeskError, Misconfigured, TryAgain, _, dump_message, load_message
from helpdesk.core.events.deliveries import DeliveryDelayed, DeliveryFailed, DeliverySent
from helpdesk.core.events.registry import DomainEvent
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets import external_ids
from helpdesk.core.tickets.message_models import Attempt, Delivery, Message
from helpdesk.core.tickets.tickets import choose_status, facts

from . import delivery_outcomes, message_events
from .outbound_message import dated, outbound_of

BY_HAND = "waiting_for_person"  # the state of what a person carries out: never claimed here
GIVE_UP = timedelta(days=3)
WAITS = (60, 300, 900, 1800, 3600, 7200, 14400)  # seconds; the last one repeats
SOON = timedelta(seconds=10)  # a reply that waits longer before its first try waits for a time that somebody chose
PAUSED = "sending paused"  # the setting that keeps a restored desk from writing to anybody


@dataclass
class Result:
    """What came of one try; ``detail`` as ``dump_message`` writes it."""

    state: str  # sent, later, failed
    detail: str = ""
    after: float | None = None
    external_ids: tuple[str, ...] = ()
    misconfigured: bool = False
    outcomes: tuple[Outcome, ...] = ()


def work(uow: UnitOfWork, limit: int = 10) -> int:
    """Send what is due; returns how many deliveries were tried."""
    ids = _claim(uow, limit)
    for delivery_id in ids:
        _deliver(uow, delivery_id)
    return len(ids)


def release_own_leases(uow: UnitOfWork) -> None:
    """Free what this process had claimed when it lost the database: for a loop that begins anew."""
    with uow.writing() as session:
        session.execute(
            update(Delivery).where(held(Delivery)).values(lease_until=None).execution_options(synchronize_session=False)
        )


def clamp_after_clock_change(uow: UnitOfWork) -> None:
    """Cut waits that were begun by a clock which has been set back since. A time that somebody chose stays as it is."""
    now = uow.clock()
    tried_later = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.at > now).exists()
    begun_later = or_(and_(Delivery.tries == 0, Delivery.created_at > now), and_(Delivery.tries > 0, tried_later))
    query = select(Delivery).where(Delivery.state == "queued", Delivery.due_at > now, begun_later)
    if uow.session.scalar(query.limit(1)) is None:
        return
    with uow.writing() as session:
        for row in session.scalars(query.with_for_update()):
            if row.tries or row.due_at - row.created_at <= SOON:
                row.due_at = min(row.due_at, now + (timedelta(seconds=_wait(row.tries, None)) if row.tries else SOON))


def next_due(uow: UnitOfWork) -> Any:
    """When the next delivery is due, or None."""
    query = select(Delivery.due_at).where(Delivery.state.in_(("queued", "sending"))).order_by(Delivery.due_at).limit(1)
    return uow.session.scalar(query)


def _claim(uow: UnitOfWork, limit: int) -> list[int]:
    now = uow.clock()
    due = (Delivery.state.in_(("queued", "sending")), Delivery.due_at <= now, free(Delivery, now))
    if uow.session.scalar(select(Delivery.id).where(*due).limit(1)) is None:
        return []
    if uow.session.get(Setting, PAUSED):
        return []
    with uow.writing() as session:
        enabled = select(Account.id).where(Account.enabled)
        query = select(Delivery).where(*due, Delivery.account_id.in_(enabled)).order_by(Delivery.due_at).limit(limit)
        rows = list(session.scalars(query.with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.lease_until, row.worker, row.tries = "sending", now + LEASE, worker_name(), row.tries + 1
    failpoint("outbox.claimed")
    return [row.id for row in rows]


def _deliver(uow: UnitOfWork, delivery_id: int) -> None:
    delivery = uow.session.get_one(Delivery, delivery_id)
    account = uow.session.get_one(Account, delivery.account_id)
    result = _try(uow, delivery, account)
    failpoint("outbox.sent")
    with uow.writing():
        _enter(uow, delivery_id, result)
        if result.external_ids:
            message_events.enter_waiting(uow, account.id)
    failpoint("outbox.committed")


def _try(uow: UnitOfWork, delivery: Delivery, account: Account) -> Result:
    """One try; whatever a channel raises becomes a Result."""
    try:
        outbound = outbound_of(uow, delivery)
        asked = uow.hooks.pipe("filter_outbound", outbound, account=view(uow, account, secrets=False))
        asked.external_id, asked.to, asked.settled = outbound.external_id, outbound.to, outbound.settled
        uow.session.rollback()
        _refuse(uow, delivery, account, asked)
        sent: Sent = channel(uow, account).send(asked)
        return Result(
            "sent", dump_message(sent.detail, **sent.values), external_ids=sent.external_ids, outcomes=sent.outcomes
        )
    except TryAgain as error:
        return Result("later", dump_message(error), after=error.after)
    except Misconfigured as error:
        return Result("later", dump_message(error), misconfigured=True)
    except HelpdeskError as error:
        return Result("failed", dump_message(error))
    except Exception as error:
        if is_transient(error):
            raise
        plugin = uow.hooks.plugins.get(account.channel)
        if plugin:
            uow.hooks.fault(plugin, "send", traceback.format_exc(limit=-4))
        return Result("later", dump_message(_("The channel's own code failed: %(fault)s"), fault=type(error).__name__))


def _refuse(uow: UnitOfWork, delivery: Delivery, account: Account, asked: Outbound) -> None:
    """What the channel cannot carry (any more) is not handed to it: its window may have closed, a plugin may have
    made the text longer.
    """
    message = delivery.message
    written = Written(
        asked.text,
        tuple(asked.files),
        asked.visibility,
        template=bool(asked.template),
        first=bool((message.details or {}).get("opened")),
    )
    ways_out.refuse_unless_carried(uow, message.ticket, account, written, uow.clock())
    uow.session.rollback()


def _enter(uow: UnitOfWork, delivery_id: int, result: Result) -> None:
    session = uow.session
    delivery = session.get_one(Delivery, delivery_id)
    external_ids.keep(uow, delivery.account_id, delivery.message_id, result.external_ids)
    if delivery.worker != worker_name() or delivery.state != "sending":
        return
    delivery.lease_until = None
    if result.misconfigured or result.state == "sent":
        note_sending(uow, session.get_one(Account, delivery.account_id), result.detail if result.misconfigured else "")
    if result.state == "sent":
        delivery_outcomes.settle(delivery, result.outcomes)
        result.state = "later" if delivery.outcomes and delivery_outcomes.left(delivery) else "sent"
    session.add(Attempt(delivery_id=delivery_id, at=uow.clock(), outcome=result.state, detail=result.detail))
    if result.state == "sent":
        mark_sent(uow, delivery)
    elif result.state == "later" and uow.clock() - max(delivery.created_at, dated(delivery.message)) < GIVE_UP:
        delivery.state, delivery.reason = "queued", result.detail
        delivery.due_at = uow.clock() + timedelta(seconds=_wait(delivery.tries, result.after))
        if delivery.tries == 1:
            _tell(uow, delivery, DeliveryDelayed)
    else:
        fail(uow, delivery, result.detail)


def _wait(tries: int, after: float | None) -> float:
    """Seconds until the next try: longer each time, never all at once."""
    base = WAITS[min(tries, len(WAITS)) - 1]
    return max(base * random.uniform(0.8, 1.2), after or 0)


def mark_sent(uow: UnitOfWork, delivery: Delivery) -> None:
    """It left, and whom it did not reach is told. Inside ``writing``."""
    delivery.state, delivery.sent_at, delivery.reason = "sent", uow.clock(), ""
    _tell(uow, delivery, DeliverySent)
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


def _note(uow: UnitOfWork, delivery: Delivery, reason: str, missed: Sequence[str] = ()) -> None:
    """Final: the agents see a note, the ticket is theirs again. Its text is for search; who reads it is told in
    their language.
    """
    message = delivery.message
    ticket = message.ticket
    said = unreached(reason, missed)
    details = {"failed": delivery.id, "reason": reason, "missed": list(missed)}
    note = Message(
        ticket_id=ticket.id, kind="note", visibility="internal", at=uow.clock(), text=str(said), details=details
    )
    uow.session.add(note)
    uow.session.flush()
    before = facts(ticket)
    ticket.last_message_id, ticket.updated_at = note.id, note.at
    if ticket.status == "waiting":
        choose_status(uow, ticket, "open")
    _tell(uow, delivery, DeliveryFailed, before=before, after=facts(ticket))


def unreached(reason: str, missed: Sequence[str]) -> HelpdeskError:
    """What there is to say of a message that did not reach ``missed``, or nobody at all."""
    if missed:
        return HelpdeskError(
            _("This message did not reach %(people)s: %(reason)s"),
            people=", ".join(missed),
            reason=load_message(reason),
        )
    return HelpdeskError(_("This message did not reach the customer: %(reason)s"), reason=load_message(reason))


def _tell(uow: UnitOfWork, delivery: Delivery, kind: Callable[..., DomainEvent], **data: Any) -> None:
    message = delivery.message
    uow.record(kind(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery.id, **data))
