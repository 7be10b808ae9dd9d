"""Appointments: a ticket's customer books a time, comes, types its code at the kiosk, and is called on that ticket."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from helpdesk.api import accounts, customers, events, slots, tables, tickets, waiting
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.events import DomainEvent
from helpdesk.api.jobs import Every, JobKind, Running
from helpdesk.api.text import digits
from helpdesk.api.tickets import Result, Step, apply
from helpdesk.api.web import signed_link
from helpdesk.api.work import UnitOfWork

from . import limits, visits
from .tables import ARRIVED, BOOKED, CANCELLED, MISSED, WAITING, Appointment, Visit

PURPOSE = "frontdesk.book"  # of signed links
VALID = timedelta(days=60)
EARLY = timedelta(minutes=60)  # before its time an appointment can be checked in
LATE = timedelta(minutes=30)  # after its time it is missed
AHEAD = timedelta(minutes=30)  # of who came without one: so long before its time an appointment stands in the line
FULL = _("This time is taken by now. Please choose another one.")
UNKNOWN = _("There is no appointment with this code now. Please take a number instead.")


@dataclass(frozen=True, kw_only=True)
class AppointmentChanged(DomainEvent, kind="frontdesk.appointment", label=_("Appointment changed"), icon="calendar"):
    """``state``: booked, arrived, cancelled or missed; ``at`` is when it is, in ISO 8601."""

    ticket_id: int | None = None
    appointment: int
    state: str
    at: str


def account_of(uow: UnitOfWork, ticket_id: int) -> accounts.Account:
    """The front desk that takes appointments about a ticket, one of its queue before others; NotFound for none."""
    queue = tickets.get(uow, ticket_id).queue_id
    found = [one for one in accounts.of_channel(uow, "frontdesk") if one.active and one.settings["slot_people"]]
    if not found:
        raise NotFound()
    return min(found, key=lambda one: one.queue_id != queue)


def book(uow: UnitOfWork, account: accounts.Account, ticket_id: int, at: datetime, topic: str = "") -> Appointment:
    """A time for a ticket's customer. Conflict when it is full, or the ticket has an appointment already."""
    if slots.at(account.settings, at, uow.clock()) is None:
        raise Conflict(FULL)
    if of_ticket(uow, ticket_id) is not None:
        raise Conflict(_("There is an appointment on this ticket already. Please cancel it first."))
    day = visits.day_of(at, str(account.settings["zone"]))
    given = {"account_id": account.id, "ticket_id": ticket_id, "slot_at": at, "day": day, "state": BOOKED}
    given |= {"topic": topic[:120], "created_at": uow.clock()}
    for seat in range(int(account.settings["slot_people"])):
        code = f"{secrets.randbelow(90_000) + 10_000}"
        steps = [Step(tables.insert, Appointment, **given, seat=seat, code=code)]
        try:
            apply(uow, steps)
        except IntegrityError:
            uow.session.rollback()
            continue
        row = uow.session.scalars(_booked(ticket_id)).one()
        _tell(uow, row)
        return row
    raise Conflict(FULL)


def _booked(ticket_id: int) -> Any:
    query = select(Appointment).where(Appointment.ticket_id == ticket_id, Appointment.state == BOOKED)
    return query.execution_options(populate_existing=True)


def of_ticket(uow: UnitOfWork, ticket_id: int) -> Appointment | None:
    """The appointment that is still to come."""
    return uow.session.scalar(_booked(ticket_id))


def get(uow: UnitOfWork, appointment_id: int) -> Appointment:
    """An appointment whose ticket the actor sees; NotFound for another."""
    row = uow.session.get(Appointment, appointment_id, populate_existing=True)
    if row is None:
        raise NotFound()
    tickets.get(uow, row.ticket_id)
    return row


def standing(uow: UnitOfWork, ticket_id: int) -> tickets.Ticket:
    """The ticket, or the one it was merged into."""
    ticket = tickets.get(uow, ticket_id)
    while ticket.merged_into_id is not None:
        ticket = tickets.get(uow, ticket.merged_into_id)
    return ticket


def merged(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """Its appointment goes with a ticket; where both have one, each is checked in by its code."""
    try:
        tables.update(uow, Appointment, Appointment.ticket_id == source_id, ticket_id=target_id)
    except IntegrityError:
        uow.session.rollback()


def to_come(uow: UnitOfWork, account_id: int, until: datetime) -> list[Appointment]:
    """Those booked until a moment, the nearest first."""
    where = Appointment.account_id == account_id, Appointment.state == BOOKED, Appointment.slot_at < until
    return list(uow.session.scalars(select(Appointment).where(*where).order_by(Appointment.slot_at).limit(50)))


def days(uow: UnitOfWork, account: accounts.Account) -> list[dict[str, Any]]:
    """The days that can be booked, for the reader."""
    where = Appointment.account_id == account.id, Appointment.seat.is_not(None), Appointment.slot_at >= uow.clock()
    taken: dict[datetime, int] = {}
    for at in uow.session.scalars(select(Appointment.slot_at).where(*where)):
        taken[at] = taken.get(at, 0) + 1
    return slots.days(account.settings, uow.clock(), taken, int(account.settings["slot_people"]))


def read(typed: str) -> datetime:
    """A moment as forms send it; Invalid for another text."""
    try:
        found = datetime.fromisoformat(typed[:40])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        sentence = _("Please choose a time.")
        raise Invalid(sentence, {"slot": sentence})
    return found


def cancel(uow: UnitOfWork, row: Appointment, state: str = CANCELLED) -> None:
    """The place is free again; nothing happens to one that is over."""
    where = Appointment.id == row.id, Appointment.state == BOOKED
    if tables.update(uow, Appointment, *where, state=state, seat=None):
        _tell(uow, uow.session.get_one(Appointment, row.id, populate_existing=True))


def check_in(uow: UnitOfWork, account: accounts.Account, typed: str, language: str) -> Visit:
    """Who has an appointment gets a number on their ticket, before those who came without one. Invalid for a code that
    is none of now.
    """
    code, now = digits(typed.strip(), "en")[:8], uow.clock()
    day = visits.day_of(now, str(account.settings["zone"]))
    where = Appointment.account_id == account.id, Appointment.day == day, Appointment.code == code
    row = uow.session.scalar(select(Appointment).where(*where, Appointment.state == BOOKED))
    if row is None or not row.slot_at - EARLY <= now <= row.slot_at + LATE:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
    appointment_id = row.id
    for _try in range(visits.TRIES):
        number = visits.next_number(uow, account.id, day)
        try:
            apply(uow, _arrival(uow, row, number, language))
        except IntegrityError:
            uow.session.rollback()
            row = uow.session.get_one(Appointment, appointment_id, populate_existing=True)
        else:
            _tell(uow, uow.session.get_one(Appointment, appointment_id, populate_existing=True))
            found = (Visit.account_id == account.id, Visit.day == day, Visit.number == number)
            return uow.session.scalars(select(Visit).where(*found)).one()
    raise Conflict(_("Many people take a number now. Please try again."))


def _arrival(uow: UnitOfWork, row: Appointment, number: int, language: str) -> Sequence[Step]:
    """The number, its place in the line and the appointment in one commit."""
    ticket, now = standing(uow, row.ticket_id), uow.clock()
    place_at = min(now, row.slot_at - AHEAD)
    visit = {"account_id": row.account_id, "day": row.day, "number": number, "topic": row.topic, "language": language}
    visit |= {"phone": "", "ticket_id": ticket.id, "customer_id": ticket.customer_id, "state": WAITING, "counter": ""}
    visit |= {"joined_at": now, "place_at": place_at, "user_id": None, "called_at": None, "last_call_at": None}
    mine = Visit.account_id == row.account_id, Visit.day == row.day, Visit.number == number
    data = {"number": number, "appointment": row.id}
    claimed = Appointment.id == row.id, Appointment.state == BOOKED
    return [
        Step(tables.claim, Appointment, *claimed, state=ARRIVED, seat=None),
        Step(tables.insert, Visit, **visit, entry_id=None, ended_at=None),
        Step(waiting.join, visits.KIND.name, ticket.id, label=f"{number} · {row.topic}", data=data, since=place_at),
        Step(tables.update, Visit, *mine, entry_id=Result(2, "id")),
    ]


def note_missed(uow: UnitOfWork, job: Running) -> None:
    """Appointments whose time is over and for which nobody came; and counts of days ago are forgotten."""
    late = Appointment.state == BOOKED, Appointment.slot_at < uow.clock() - LATE
    for row in uow.session.scalars(select(Appointment).where(*late).limit(100)).all():
        cancel(uow, row, MISSED)
    limits.forget(uow)


MISSES = JobKind(
    "frontdesk.missed", run=note_missed, label=_("Note missed appointments"), schedule=Every(timedelta(minutes=5))
)


def _tell(uow: UnitOfWork, row: Appointment) -> None:
    said = AppointmentChanged(ticket_id=row.ticket_id, appointment=row.id, state=row.state, at=row.slot_at.isoformat())
    apply(uow, [Step(events.record, said)])


def link_for(uow: UnitOfWork, ticket_id: int) -> str:
    """The address at which a ticket's customer books or cancels; "" where no front desk takes appointments."""
    try:
        account_of(uow, ticket_id)
    except NotFound:
        return ""
    return signed_link(uow, "/p/frontdesk/book", PURPOSE, VALID, ticket=ticket_id)


def name_of(uow: UnitOfWork, row: Appointment) -> str:
    """Who comes, for a colleague; "" when the actor does not see the ticket."""
    try:
        return customers.get(uow, tickets.get(uow, row.ticket_id).customer_id).name
    except NotFound:
        return ""


def export(uow: UnitOfWork, ticket_ids: list[int]) -> list[Any]:
    """The appointments of these tickets."""
    rows = uow.session.scalars(select(Appointment).where(Appointment.ticket_id.in_(ticket_ids)))
    return [{"appointment": row.slot_at.isoformat(), "state": row.state, "topic": row.topic} for row in rows]


def erase(uow: UnitOfWork, ticket_ids: list[int]) -> None:
    """Delete them."""
    tables.delete(uow, Appointment, Appointment.ticket_id.in_(ticket_ids))
