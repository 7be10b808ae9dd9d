"""The front desk for programs: the lines, calling the next number, what came of it, and appointments."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.api import accounts, tickets, waiting
from helpdesk.api.errors import NotFound, _
from helpdesk.api.web import Rest
from helpdesk.api.work import UnitOfWork

from . import appointments, counter, visits
from .tables import Appointment, Visit

OUTCOMES = ("solved", "goes_on", "no_show")
rest = Rest(permission=counter.SERVE, name="frontdesk")


class VisitShape(Schema):
    """Somebody who took a number."""

    id = fields.Integer()
    number = fields.Integer()
    topic = fields.String()
    state = fields.String()
    counter = fields.String()
    ticket = fields.Integer(allow_none=True)
    joined_at = fields.AwareDateTime()


class LineShape(Schema):
    """A front desk: who waits, who is at a counter, and how long somebody who came now would wait (seconds)."""

    account = fields.Integer()
    name = fields.String()
    waiting = fields.List(fields.Nested(VisitShape))
    called = fields.List(fields.Nested(VisitShape))
    low = fields.Integer(allow_none=True)
    high = fields.Integer(allow_none=True)


class Next(Schema):
    """Which front desk and which counter calls."""

    account = fields.Integer(required=True)
    counter = fields.String(required=True, validate=validate.Length(1, 20))


class Outcome(Schema):
    """What came of a visit."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    note = fields.String(load_default="", validate=validate.Length(max=20_000))


class Booking(Schema):
    """An appointment to book."""

    ticket = fields.Integer(required=True)
    slot = fields.AwareDateTime(required=True)


class AppointmentShape(Schema):
    """An appointment; ``code`` is what the customer types at the kiosk."""

    id = fields.Integer()
    ticket = fields.Integer()
    slot = fields.AwareDateTime()
    state = fields.String()
    code = fields.String()


@rest.endpoint("GET", "/lines", _("The lines of the front desks"), LineShape(many=True))
def lines(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Of the queues that the actor serves."""
    return [_line(uow, account) for account in counter.mine(uow)]


def _line(uow: UnitOfWork, account: accounts.Account) -> dict[str, Any]:
    told = waiting.estimate(uow, visits.KIND.name, account.queue_id)
    return {
        "account": account.id,
        "name": account.name,
        "waiting": [_visit(row) for row in visits.there(uow, account.id)],
        "called": [_visit(row) for row in visits.called(uow, account.id)],
        "low": told.low,
        "high": told.high,
    }


@rest.endpoint("POST", "/next", _("Call the next number"), VisitShape, body=Next)
def call_next(given: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
    """To a counter; 404 when nobody waits."""
    account = next((one for one in counter.mine(uow) if one.id == given["account"]), None)
    visit = visits.call_next(uow, account.id, given["counter"]) if account else None
    if visit is None:
        raise NotFound(_("Nobody waits."))
    return _visit(visit)


@rest.endpoint("POST", "/visits/<int:visit_id>/outcome", _("Enter what came of a visit"), VisitShape, body=Outcome)
def outcome(given: dict[str, Any], uow: UnitOfWork, visit_id: int) -> dict[str, Any]:
    """Of whom the actor serves."""
    tickets.get(uow, visits.get(uow, visit_id).ticket_id or 0)
    if given["outcome"] == "no_show":
        visits.missed(uow, visit_id)
    else:
        visits.finish(uow, visit_id, given["outcome"], given["note"])
    return _visit(visits.get(uow, visit_id))


@rest.endpoint("POST", "/appointments", _("Book an appointment"), AppointmentShape, body=Booking, status=201)
def book(given: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
    """For the customer of a ticket."""
    account = appointments.account_of(uow, given["ticket"])
    return _appointment(appointments.book(uow, account, given["ticket"], given["slot"]))


@rest.endpoint("GET", "/appointments/<int:appointment_id>", _("How an appointment stands"), AppointmentShape)
def appointment(uow: UnitOfWork, appointment_id: int) -> dict[str, Any]:
    """By its id."""
    return _appointment(appointments.get(uow, appointment_id))


def _visit(row: Visit) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in ("id", "number", "topic", "state", "counter")}
    return known | {"ticket": row.ticket_id, "joined_at": row.joined_at.isoformat()}


def _appointment(row: Appointment) -> dict[str, Any]:
    known = {"id": row.id, "ticket": row.ticket_id, "state": row.state, "code": row.code}
    return known | {"slot": row.slot_at.isoformat()}
