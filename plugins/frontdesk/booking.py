"""Booking an appointment: by a signed link, without script, and by a colleague beside a conversation."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request

from helpdesk.api import accounts, tickets
from helpdesk.api.errors import HelpdeskError, NotFound, _
from helpdesk.api.i18n import render_message
from helpdesk.api.web import Panel, PublicPages, open_link
from helpdesk.api.work import UnitOfWork

from . import appointments, visits
from .counter import pages
from .public import language

SHOWN = 60  # times in a menu
public = PublicPages("frontdesk_booking", __name__, limit="60 per minute", largest=16_384)


@public.get("/book/<key>")
def mine(uow, key: str):
    """The appointment of a ticket, or the times that are free."""
    return _mine(uow, key)


@public.post("/book/<key>")
def change(uow, key: str):
    """Book one, or cancel it."""
    own, ticket_id = _held(uow, key)
    try:
        row = appointments.of_ticket(own, ticket_id)
        if request.form.get("act") == "cancel":
            if row is not None:
                appointments.cancel(own, row)
        else:
            account = appointments.account_of(own, ticket_id)
            appointments.book(own, account, ticket_id, appointments.read(request.form.get("slot", "")))
    except HelpdeskError as problem:
        return _mine(uow, key, problem), problem.status
    return redirect(f"{request.path}?lang={request.args.get('lang', '')[:2]}")


def _held(uow: UnitOfWork, key: str) -> tuple[UnitOfWork, int]:
    """The plugin's own unit of work, and the ticket that a link is about, or the one it was merged into."""
    own = uow.acting(visits.ACTOR)
    return own, appointments.standing(own, open_link(uow, key, appointments.PURPOSE)["ticket"]).id


def _mine(uow: UnitOfWork, key: str, problem: HelpdeskError | None = None) -> str:
    own, ticket_id = _held(uow, key)
    row = appointments.of_ticket(own, ticket_id)
    account = accounts.get(own, row.account_id) if row else appointments.account_of(own, ticket_id)
    with language():
        free = [] if row else appointments.days(own, account)
        return render_template(
            "frontdesk/book.html", row=row, account=account, days=free, problem=problem, zone=account.settings["zone"]
        )


# For colleagues -------------------------------------------------------------------------------------------------------


def panel(uow: UnitOfWork, ticket_id: int) -> dict[str, Any] | None:
    """The appointment of a ticket and the times that are free; None where no front desk takes any."""
    try:
        account = appointments.account_of(uow, ticket_id)
    except NotFound:
        return None
    row = appointments.of_ticket(uow, ticket_id)
    free = (
        []
        if row
        else [
            {"at": part["at"], "text": f"{day['weekday']} {day['day']} · {part['time']}"}
            for day in appointments.days(uow, account)
            for part in day["slots"]
            if part["free"] > 0
        ][:SHOWN]
    )
    return {"ticket": ticket_id, "row": row, "free": free}


PANEL = Panel(
    name="appointment",
    title=_("Appointment"),
    icon="calendar",
    permission="tickets.write",
    template="frontdesk/panel.html",
    load=panel,
)


@pages.post("/appointments")
def book(uow):
    """A time at the front desk, on this ticket."""
    given = request.form.get("ticket", "")
    ticket_id = int(given) if given.isdecimal() and len(given) < 18 else 0
    tickets.get(uow, ticket_id)
    try:
        account = appointments.account_of(uow, ticket_id)
        appointments.book(uow, account, ticket_id, appointments.read(request.form.get("slot", "")))
    except HelpdeskError as problem:
        flash(render_message(problem))
    return redirect(f"/tickets/{ticket_id}")


@pages.post("/appointments/<int:appointment_id>/cancel")
def cancel(uow, appointment_id: int):
    """It is off."""
    row = appointments.get(uow, appointment_id)
    ticket_id = row.ticket_id
    appointments.cancel(uow, row)
    return redirect(f"/tickets/{ticket_id}")
