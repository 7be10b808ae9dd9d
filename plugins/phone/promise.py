"""What belongs to a call-back on its ticket: the message that a person carries out, the clock, the place in the line.

Each of these can be changed elsewhere (an outcome entered on the ticket, a merge), so ``follow`` reads how they stand
and brings the call-back after them; it may run as often as it likes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk.api import accounts, messages, sla, tables, tickets, waiting
from helpdesk.api.channels import Address
from helpdesk.api.errors import HelpdeskError, _
from helpdesk.api.i18n import LOCALES, date, gettext, reading, time_, weekday
from helpdesk.api.sla import ClockKind
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs
from .call_backs import CallBack

CLOCK = ClockKind("call_back", _("Call-back"), cancels=frozenset({"solved"}))
LINE = WaitingKind("phone", _("Call-backs"), "call", alone=True)
WARNING = timedelta(minutes=10)  # before a promise is over
BROKEN_OFF = timedelta(minutes=1)  # after which a wish that stands nowhere is handed over again


def file_asked(uow: UnitOfWork) -> None:
    """Put wishes whose message came to a ticket on that ticket."""
    for row in uow.session.scalars(select(CallBack).where(CallBack.state == "asked").limit(100)).all():
        message = messages.known_as(uow, row.account_id, call_backs.external_id(row))
        if message is not None:
            file(uow, row, message.ticket_id)


def hand_over_again(uow: UnitOfWork) -> None:
    """Wishes whose message never came, because a process died in between, come in now."""
    late = CallBack.state == "asked", CallBack.created_at < uow.clock() - BROKEN_OFF
    for row in uow.session.scalars(select(CallBack).where(*late).limit(100)).all():
        if row.ticket_id is None:
            call_backs.hand_over(uow, row)
        else:
            file(uow, row, row.ticket_id)


def file(uow: UnitOfWork, row: CallBack, ticket_id: int) -> None:
    """Put a call-back on a ticket: message by hand, clock and place in the line in one commit."""
    key, person = row.key, Address("phone", row.number, row.name)
    given = {"account_id": row.account_id, "form": "call", "status": "open", "to": [person], "send_at": row.slot_at}
    steps = [
        tickets.Step(messages.reply, ticket_id, told(uow, row), **given),
        tickets.Step(sla.start, ticket_id, CLOCK.name),
        tickets.Step(waiting.join, LINE.name, ticket_id, label=row.name or row.number, not_before=row.slot_at),
    ]
    message, _clock, entry = tickets.apply(uow, steps)
    known = {"ticket_id": ticket_id, "message_id": message.id, "entry_id": entry.id, "state": "waiting"}
    tables.update(uow, CallBack, CallBack.key == key, **known)
    aim(uow, call_backs.get(uow, key))


def told(uow: UnitOfWork, row: CallBack) -> str:
    """What the message of a call-back says, in the language of its line."""
    account = accounts.get(uow, row.account_id)
    reader = replace(LOCALES[account.settings["language"]], timezone=account.settings["zone"])
    with reading(reader):
        first = gettext("Call back on %(when)s", when=moment(row.slot_at)) if row.slot_at else gettext("Call back soon")
    return "\n".join(filter(None, [first, row.words]))


def moment(at: datetime) -> str:
    """ "Sunday 22 November, 10:30", for the reader of the moment."""
    return gettext("%(weekday)s %(day)s, %(time)s", weekday=weekday(at), day=date(at, year=False), time=time_(at))


def aim(uow: UnitOfWork, row: CallBack) -> None:
    """Set the target of the clock to what was promised."""
    if row.ticket_id is None:
        return
    own = uow.acting(plugin_actor("phone"))
    clock = next((one for one in sla.of_ticket(own, row.ticket_id) if one.name == CLOCK.name), None)
    if clock is None or clock.target_at == row.promised_at:
        return
    warn = row.promised_at - WARNING
    reasons = {"promised": row.promised_at.isoformat()}
    goal = max(0, round((row.promised_at - clock.started_at).total_seconds()))
    target = sla.Target(
        clock.id, clock.revision, row.promised_at, warn, goal, clock.used, clock.spans, clock.running_since, reasons
    )
    sla.set_targets(own, [target])


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
    if delivery.state in ends:
        over(uow, row, ends[delivery.state])
    elif delivery.attempts and delivery.due_at > delivery.attempts[-1].at:
        last = delivery.attempts[-1].outcome
        again(uow, row, delivery.due_at, promise=last == "promised_again", outcome=last)


def over(uow: UnitOfWork, row: CallBack, state: str) -> None:
    """A call-back ends, with its clock and its place in the line."""
    ticket_id, entry_id = row.ticket_id, row.entry_id
    if not call_backs.settle(uow, row.key, state) or ticket_id is None:
        return
    end = sla.meet if state == "done" else sla.cancel
    quietly(lambda: end(uow, ticket_id, CLOCK.name))
    if entry_id is not None:
        quietly(lambda: waiting.end(uow, entry_id, state))


def again(uow: UnitOfWork, row: CallBack, due_at: datetime, *, promise: bool, outcome: str) -> None:
    """Nobody was reached: they stand in the line again from the next try on; a time agreed on is the new promise."""
    key, entry_id, ticket_id = row.key, row.entry_id, row.ticket_id or 0
    entry = waiting.get(uow, entry_id) if entry_id else None
    if entry is not None and entry.open and entry.not_before == due_at:
        return
    if entry is not None and entry.open:
        quietly(lambda: waiting.end(uow, entry.id, outcome))
    joined = waiting.join(uow, LINE.name, ticket_id, label=row.name or row.number, not_before=due_at)
    changed = {"entry_id": joined.id} | ({"promised_at": due_at + timedelta(minutes=30)} if promise else {})
    tables.update(uow, CallBack, CallBack.key == key, **changed)
    aim(uow, call_backs.get(uow, key))


def moved(uow: UnitOfWork, row: CallBack) -> None:
    """After the customer moved it: the message, the line and the clock go by the new time."""
    if row.message_id is None:
        return
    due = row.slot_at or uow.clock()
    delivery = messages.delivery(uow, row.message_id)
    if delivery is not None and delivery.state == "waiting_for_person":
        messages.plan(uow, delivery.id, due)
    again(uow, row, due, promise=False, outcome="moved")


def call_off(uow: UnitOfWork, row: CallBack) -> None:
    """The customer wants no call any more; their ticket stays open."""
    delivery = messages.delivery(uow, row.message_id) if row.message_id else None
    if delivery is not None and delivery.state == "waiting_for_person":
        messages.call_off(uow, delivery.id)
    over(uow, row, "cancelled")


def quietly(act) -> None:  # type: ignore[no-untyped-def]
    """Do what may be done already."""
    try:
        act()
    except HelpdeskError:
        pass
