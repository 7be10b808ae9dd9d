"""What belongs to a call-back on its ticket: the message that a person carries out, the clock, the place in the line.

Each of these can be changed elsewhere (an outcome entered on the ticket, a merge), so ``follow`` reads how they stand
and brings the call-back after them; it may run as often as it likes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.api import accounts, customers, messages, sla, tables, tickets, waiting
from helpdesk.api.channels import Address
from helpdesk.api.errors import Conflict, HelpdeskError, _, dump_message
from helpdesk.api.i18n import LOCALES, date, gettext, reading, render_parts, time_, weekday
from helpdesk.api.sla import ClockKind
from helpdesk.api.tickets import Result, Step, apply
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs
from .call_backs import CallBack

CLOCK = ClockKind("call_back", _("Call-back"), cancels=frozenset({"solved"}))
LINE = WaitingKind("phone", _("Call-backs"), "call", alone=True)
AGREED = timedelta(minutes=30)  # after a time agreed on
WARNING = timedelta(minutes=10)  # before a promise is over
log = logging.getLogger("hamdel.phone")
BROKEN_OFF = timedelta(minutes=1)  # after which a wish that stands nowhere is handed over again


def file_asked(uow: UnitOfWork) -> None:
    """Put wishes whose message came to a ticket on that ticket."""
    for row in uow.session.scalars(select(CallBack).where(CallBack.state == "asked").limit(100)).all():
        message = messages.known_as(uow, row.account_id, call_backs.external_id(row))
        if message is not None:
            _or_fail(uow, row, file, message.ticket_id)


def hand_over_again(uow: UnitOfWork) -> None:
    """Wishes whose message never came, because a process died in between, come in now."""
    late = CallBack.state == "asked", CallBack.created_at < uow.clock() - BROKEN_OFF
    for row in uow.session.scalars(select(CallBack).where(*late).limit(100)).all():
        if row.ticket_id is None:
            _or_fail(uow, row, call_backs.hand_over)
        else:
            _or_fail(uow, row, file, row.ticket_id)


def file_or_fail(uow: UnitOfWork, row: CallBack, ticket_id: int) -> None:
    """Put a wish on its ticket; one that cannot be put there is over."""
    _or_fail(uow, row, file, ticket_id)


def _or_fail(uow: UnitOfWork, row: CallBack, act: Callable[..., None], *given: int) -> None:
    """A wish that cannot be put on its ticket is over and holds no seat; those after it go on."""
    key = row.key
    try:
        act(uow, row, *given)
    except HelpdeskError as problem:
        log.warning("call-back %s failed: %s", key, problem.sentence)
        call_backs.settle(uow, key, "failed")


def file(uow: UnitOfWork, row: CallBack, ticket_id: int) -> None:
    """Put a call-back on a ticket, or on the one that was merged into: message by hand, clock, place in the line and
    the row itself in one commit. One that stands on a ticket already stays as it is.
    """
    key, ticket_id = row.key, _standing(uow, ticket_id)
    # without the name: what somebody typed names nobody whose number it may be
    given = {"account_id": row.account_id, "form": "call", "status": "open", "to": [Address("phone", row.number)]}
    given |= {"send_at": row.slot_at, "told": told(row)}
    known = {"message_id": Result(1, "id"), "entry_id": Result(3, "id")}
    steps = [
        Step(tables.claim, CallBack, CallBack.key == key, CallBack.state == "asked", state="waiting"),
        Step(messages.reply, ticket_id, text(uow, row), **given),
        Step(sla.start, ticket_id, CLOCK.name, **_target(row.promised_at)),
        Step(waiting.join, LINE.name, ticket_id, label=row.name or row.number, not_before=row.slot_at, since=row.since),
        Step(tables.update, CallBack, CallBack.key == key, ticket_id=ticket_id, **known),
    ]
    try:
        apply(uow, steps)
    except Conflict:
        if call_backs.get(uow, key).state == "asked":
            raise


def _target(promised_at: datetime) -> dict[str, Any]:
    """What the clock of a call-back aims at."""
    reasons = {"promised": promised_at.isoformat()}
    return {"target_at": promised_at, "warn_at": promised_at - WARNING, "reasons": reasons}


def _standing(uow: UnitOfWork, ticket_id: int) -> int:
    """The ticket, or the one it was merged into."""
    ticket = tickets.get(uow, ticket_id)
    while ticket.merged_into_id is not None:
        ticket = tickets.get(uow, ticket.merged_into_id)
    return ticket.id


def told(row: CallBack) -> list[str | int]:
    """The first line of a call-back's message, for readers of every language, calendar and time zone."""
    if row.slot_at is None:
        return [_("Call back soon")]
    return [dump_message(_("Call back on %(when)s"), when=row.slot_at)]


def text(uow: UnitOfWork, row: CallBack) -> str:
    """What the message of a call-back says where no reader is known: in the language of its line."""
    account = accounts.get(uow, row.account_id)
    reader = replace(LOCALES[account.settings["language"]], timezone=account.settings["zone"])
    with reading(reader):
        return "\n".join(filter(None, [render_parts(told(row)), row.words]))


def moment(at: datetime) -> str:
    """ "Sunday 22 November, 10:30", for the reader of the moment."""
    return gettext("%(weekday)s %(day)s, %(time)s", weekday=weekday(at), day=date(at, year=False), time=time_(at))


def follow(uow: UnitOfWork, row: CallBack) -> None:
    """Bring a call-back after its message: over when that was carried out, failed or was taken back, else due at its
    next try.
    """
    if row.message_id is None or row.state not in call_backs.OPEN:
        return
    delivery = messages.delivery(uow, row.message_id)
    if delivery is None:
        return
    ends = {"sent": "done", "failed": "failed", "withdrawn": "cancelled"}
    if delivery.state == "sent":
        _keep_number(uow, row)
    if delivery.state in ends:
        over(uow, row, ends[delivery.state])
    elif delivery.attempts and delivery.due_at > delivery.attempts[-1].at:
        last = delivery.attempts[-1].outcome
        again(uow, row, delivery.due_at, promise=last == "promised_again", outcome=last)


def _keep_number(uow: UnitOfWork, row: CallBack) -> None:
    """Whoever was spoken with at a number has it: it goes on their card, unless somebody with tickets has it."""
    own = uow.acting(plugin_actor("phone"))
    customer = tickets.get(own, row.ticket_id or 0).customer_id
    owner = customers.owner_of(own.session, "phone", row.number)
    if owner is None:
        customers.add_identity(own, customer, "phone", row.number)
    elif owner != customer and not customers.ticket_ids(own, owner):
        customers.merge(own, owner, customer)


def over(uow: UnitOfWork, row: CallBack, state: str) -> None:
    """A call-back ends, with its clock and its place in the line, in one commit."""
    own, end = uow.acting(plugin_actor("phone")), sla.meet if state == "done" else sla.cancel
    steps = [Step(end, row.ticket_id, CLOCK.name)] if row.ticket_id else []
    steps += [Step(waiting.end, row.entry_id, state)] if row.entry_id else []
    where = CallBack.key == row.key, CallBack.state.in_(call_backs.OPEN)
    try:
        apply(own, [Step(tables.claim, CallBack, *where, state=state, seat=None), *steps])
    except Conflict:
        log.debug("call-back %s was over", row.key)


def again(uow: UnitOfWork, row: CallBack, due_at: datetime, *, promise: bool, outcome: str) -> None:
    """Nobody was reached: they stand in the line again from the next try on, at their old place; a time agreed on is
    the new promise.
    """
    key, entry_id, ticket_id = row.key, row.entry_id, row.ticket_id or 0
    entry = waiting.get(uow, entry_id) if entry_id else None
    if entry is not None and entry.open and entry.not_before == due_at:
        return
    joining = {"label": row.name or row.number, "not_before": due_at}
    joining |= {} if promise or outcome == "moved" else {"since": row.since or row.created_at}
    promised_at = due_at + AGREED if promise else row.promised_at
    steps = [Step(waiting.end, entry_id, outcome)] if entry is not None and entry.open else []
    entered = Result(len(steps), "id")
    steps += [
        Step(waiting.join, LINE.name, ticket_id, **joining),
        Step(tables.update, CallBack, CallBack.key == key, entry_id=entered, promised_at=promised_at),
        Step(sla.start, ticket_id, CLOCK.name, **_target(promised_at)),
    ]
    apply(uow.acting(plugin_actor("phone")), steps)


def moved(uow: UnitOfWork, row: CallBack) -> None:
    """After the customer moved it: the message, the line and the clock go by the new time."""
    if row.message_id is None:
        return
    due = row.slot_at or uow.clock()
    delivery = messages.delivery(uow, row.message_id)
    if delivery is not None and delivery.state == "waiting_for_person":
        messages.plan(uow, delivery.id, due)
        messages.go_on(uow, row.message_id, text(uow, row), told(row))
    again(uow, row, due, promise=False, outcome="moved")


def call_off(uow: UnitOfWork, row: CallBack) -> None:
    """The customer wants no call any more; their ticket stays open."""
    delivery = messages.delivery(uow, row.message_id) if row.message_id else None
    if delivery is not None and delivery.state == "waiting_for_person":
        messages.call_off(uow, delivery.id)
    over(uow, row, "cancelled")
