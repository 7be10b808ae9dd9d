"""The front desk plugin: what it brings to the desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.api import customers, hookimpl, tables
from helpdesk.api.channels import Channel
from helpdesk.api.events import DomainEvent, TicketMerged
from helpdesk.api.i18n import _, gettext
from helpdesk.api.jobs import JobKind
from helpdesk.api.live import PublicSockets
from helpdesk.api.variables import Variable
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.web import DeskPages, Link, Panel, PublicPages, Rest
from helpdesk.api.work import UnitOfWork

from . import appointments, booking, channel, counter, display, public, rest, visits
from .tables import Visit

API = "1"
DESCRIPTION = _("Visitors take a number at a kiosk, follow it on their phone and are called to a counter.")
FILED = ("ticket.opened", "message.received")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """In person."""
    return [channel.FrontDesk]


@hookimpl
def register_waiting_kinds() -> list[WaitingKind]:
    """Those who stand in the hall; they are called and ring at nobody."""
    return [visits.KIND]


@hookimpl
def register_pages() -> list[DeskPages | PublicPages]:
    """The counter; the kiosk, a visitor's phone and the display."""
    return [counter.pages, public.kiosk, public.taking, public.phone, display.wall, booking.public]


@hookimpl
def register_public_sockets() -> list[PublicSockets]:
    """Displays and phones hear that the line changed."""
    return [display.SOCKETS]


@hookimpl
def register_panels() -> list[Panel]:
    """The appointment beside a conversation."""
    return [booking.PANEL]


@hookimpl
def register_rest() -> list[Rest]:
    """The lines and appointments for programs."""
    return [rest.rest]


@hookimpl
def register_events() -> list[type[DomainEvent]]:
    """Appointments."""
    return [appointments.AppointmentChanged]


@hookimpl
def register_jobs() -> list[JobKind]:
    """Appointments that were missed, and what is forgotten."""
    return [appointments.MISSES]


@hookimpl
def register_variables() -> list[Variable]:
    """A link by which the customer books an appointment."""
    return [Variable(("appointment.link", "پیوند.قرار"), _("Link to book an appointment"), appointments.link_for)]


@hookimpl
def register_demo(runtime) -> list[dict]:
    """A front desk to walk to."""
    return [{"channel": "frontdesk", "name": "front desk", "address": "", "settings": {"place": "Kashaneh | کاشانه"}}]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """The counter, for whoever serves a front desk."""
    shown = uow.actor.may(counter.SERVE) and counter.mine(uow)
    return [Link(gettext("Front desk"), "/x/frontdesk/", "desk")] if shown else []


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """Let whose ticket was filed wait, and follow what others do to the line."""
    if event.kind in FILED:
        for account_id in visits.follow_filed(uow):
            display.tell(uow, account_id)
    elif isinstance(event.event, TicketMerged):
        appointments.merged(uow, event.event.source, event.event.target)
    elif event.kind.startswith("waiting.") and event.data.get("line") == visits.KIND.name:
        visits.follow_line(uow, event.data["entry"])
        display.tell(uow, visits.account_of_entry(uow, event.data["entry"]))


@hookimpl
def export_customer(customer_id: Any, uow: UnitOfWork) -> list[Any] | None:
    """Their visits."""
    rows = uow.session.scalars(select(Visit).where(Visit.customer_id == customer_id))
    told = [{"day": row.day, "number": row.number, "topic": row.topic, "phone": row.phone} for row in rows]
    return told + appointments.export(uow, customers.ticket_ids(uow, customer_id)) or None


@hookimpl
def erase_customer(customer_id: Any, uow: UnitOfWork) -> None:
    """Their visits are nobody's any more."""
    tables.update(uow, Visit, Visit.customer_id == customer_id, phone="", customer_id=None, ticket_id=None)
    appointments.erase(uow, customers.ticket_ids(uow, customer_id))


@hookimpl
def on_customers_merged(source_id: Any, target_id: Any, uow: UnitOfWork) -> None:
    """Their visits are the other's."""
    tables.update(uow, Visit, Visit.customer_id == source_id, customer_id=target_id)
