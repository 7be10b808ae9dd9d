"""The front desk plugin: what it brings to the desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.api import hookimpl, tables
from helpdesk.api.channels import Channel
from helpdesk.api.i18n import _, gettext
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.web import DeskPages, Link, PublicPages
from helpdesk.api.work import UnitOfWork

from . import channel, counter, public, visits
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
    return [counter.pages, public.kiosk, public.taking, public.phone, public.wall]


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
        visits.follow_filed(uow)
    elif event.kind.startswith("waiting.") and event.data.get("line") == visits.KIND.name:
        visits.follow_line(uow, event.data["entry"])


@hookimpl
def export_customer(customer_id: Any, uow: UnitOfWork) -> list[Any] | None:
    """Their visits."""
    rows = uow.session.scalars(select(Visit).where(Visit.customer_id == customer_id))
    return [{"day": row.day, "number": row.number, "topic": row.topic, "phone": row.phone} for row in rows] or None


@hookimpl
def erase_customer(customer_id: Any, uow: UnitOfWork) -> None:
    """Their visits are nobody's any more."""
    tables.update(uow, Visit, Visit.customer_id == customer_id, phone="", customer_id=None, ticket_id=None)


@hookimpl
def on_customers_merged(source_id: Any, target_id: Any, uow: UnitOfWork) -> None:
    """Their visits are the other's."""
    tables.update(uow, Visit, Visit.customer_id == source_id, customer_id=target_id)
