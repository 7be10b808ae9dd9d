"""Messages a person carries out, such as a call: each try has an outcome, a plan says when the next one is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.deliveries import DeliveryTried
from helpdesk.core.events.tickets import ReplyWithdrawn
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import outbox, refusals, results
from helpdesk.core.people.identities import mark_bounced
from helpdesk.core.text import plain
from helpdesk.core.tickets.clocks import observe
from helpdesk.core.tickets.message_models import Attempt, Delivery, Message, MessageText
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.tickets import facts
from helpdesk.core.tickets.visibility import visible_ticket

REACHED, WRONG, PROMISED, UNWANTED = "reached", "wrong_number", "promised_again", "unwanted"
OUTCOMES = {
    REACHED: _("Reached"),
    "busy": _("Busy"),
    "no_answer": _("No answer"),
    "voicemail": _("Voicemail"),
    WRONG: _("Wrong number"),
    PROMISED: _("Another time was agreed"),
    UNWANTED: _("Wants no more of these"),
}
LATEST = timedelta(days=366)  # how far ahead the next try may be
AHEAD = _("The next try must lie ahead, within a year.")
LONGEST = 2000  # characters of a remark


def outcome(uow: UnitOfWork, delivery_id: int, code: str, note: str = "", next_at: datetime | None = None) -> Delivery:
    """Enter what came of a try by hand: ``code`` is one of ``OUTCOMES``, ``note`` a remark for colleagues.

    ``next_at`` is when to try again, else the channel's plan says when. Reached ends the delivery as sent; a wrong
    number, a wish for no more of these (kept with the address) and the last try of the plan as failed. Conflict when
    the delivery does not wait for a person; Invalid for an unknown code or moment.
    """
    delivery = _of(uow, delivery_id)
    _check(uow, code, next_at)
    with uow.writing() as session:
        delivery, message = _waiting(uow, delivery.id)
        session.add(Attempt(delivery_id=delivery.id, at=uow.clock(), outcome=code, detail=plain(note)[:LONGEST]))
        uow.record(
            DeliveryTried(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery.id, outcome=code)
        )
        _settle(uow, delivery, code, next_at)
    return delivery


def plan(uow: UnitOfWork, delivery_id: int, due_at: datetime) -> None:
    """Put the next try at another moment, without a try. Conflict when the delivery does not wait for a person."""
    delivery = _of(uow, delivery_id)
    if not due_at <= uow.clock() + LATEST:
        raise Invalid(AHEAD, {"due_at": AHEAD})
    with uow.writing():
        delivery, _message = _waiting(uow, delivery.id)
        delivery.due_at = due_at


def call_off(uow: UnitOfWork, delivery_id: int) -> None:
    """Nobody needs to carry it out any more, whatever was tried; the ticket stays as it is."""
    delivery = _of(uow, delivery_id)
    with uow.writing() as session:
        delivery, message = _waiting(uow, delivery.id)
        delivery.state, message.withdrawn = "withdrawn", True
        session.execute(delete(MessageText).where(MessageText.message_id == message.id))
        now = facts(session.get_one(Ticket, message.ticket_id))
        uow.record(ReplyWithdrawn(ticket_id=message.ticket_id, message_id=message.id, before=now, after=now))


def _waiting(uow: UnitOfWork, delivery_id: int) -> tuple[Delivery, Message]:
    """The delivery, for this writer alone, and its message."""
    delivery = uow.session.get_one(Delivery, delivery_id, populate_existing=True, with_for_update=True)
    if delivery.state != outbox.BY_HAND:
        raise Conflict(_("This message does not wait for a person."))
    return delivery, uow.session.get_one(Message, delivery.message_id)


def _settle(uow: UnitOfWork, delivery: Delivery, code: str, next_at: datetime | None) -> None:
    if code == REACHED:
        ticket_id = uow.session.get_one(Message, delivery.message_id).ticket_id
        observe(uow, uow.session.get_one(Ticket, ticket_id), "answered")
        results.mark_sent(uow, delivery)
        return
    if code == WRONG:
        _mark(uow, delivery)
    if code == UNWANTED:
        _refuse(uow, delivery)
    delivery.tries += code != PROMISED
    due = None if code in (WRONG, UNWANTED) else next_at or _planned(uow, delivery)
    if due is None:
        results.fail(uow, delivery, OUTCOMES[code])
    else:
        delivery.due_at, delivery.reason = due, OUTCOMES[code]


def _planned(uow: UnitOfWork, delivery: Delivery) -> datetime | None:
    """The next try by the channel's plan; None after the last."""
    channel = uow.runtime.channels.get(uow.session.get_one(Account, delivery.account_id).channel)
    waits = channel.by_hand_waits if channel else ()
    number = max(delivery.tries, 1) - 1
    return uow.clock() + timedelta(seconds=waits[number]) if number < len(waits) else None


def _mark(uow: UnitOfWork, delivery: Delivery) -> None:
    """Whoever would call there next is warned."""
    for person in delivery.to[:1]:
        mark_bounced(uow, person["kind"], person["value"], WRONG)


def _refuse(uow: UnitOfWork, delivery: Delivery) -> None:
    """Nobody tries this way again: neither the plan nor a colleague."""
    channel = uow.session.get_one(Account, delivery.account_id).channel
    for person in delivery.to[:1]:
        refusals.refuse(uow, channel, Address(person["kind"], person["value"]))


def _check(uow: UnitOfWork, code: str, next_at: datetime | None) -> None:
    if code not in OUTCOMES:
        raise Invalid(_("Please choose an outcome."), {"code": _("Please choose one of the list.")})
    if next_at is not None and not uow.clock() < next_at <= uow.clock() + LATEST:
        raise Invalid(
            AHEAD,
            {"next_at": AHEAD},
        )
    if code == PROMISED and next_at is None:
        raise Invalid(_("Please say when to try again."), {"next_at": _("Please say when to try again.")})


def _of(uow: UnitOfWork, delivery_id: int) -> Delivery:
    delivery = by_id(uow.session, Delivery, delivery_id)
    if delivery is None:
        raise NotFound()
    ticket_id = uow.session.scalar(select(Message.ticket_id).where(Message.id == delivery.message_id))
    if not ticket_id:
        raise NotFound()
    visible_ticket(uow, ticket_id, "tickets.write")
    return delivery
