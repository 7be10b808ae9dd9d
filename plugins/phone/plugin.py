"""The telephone plugin: what it brings to the desk."""

from __future__ import annotations

import secrets
from typing import Any

from helpdesk.api import hookimpl
from helpdesk.api.channels import AccountView, Channel, Inbound, Report
from helpdesk.api.errors import _
from helpdesk.api.events import (
    DeliveryFailed,
    DeliverySent,
    DeliveryTried,
    DomainEvent,
    MessageReceived,
    ReplyWithdrawn,
    TicketMerged,
    TicketOpened,
)
from helpdesk.api.jobs import JobKind
from helpdesk.api.live import Namespace
from helpdesk.api.sla import ClockKind
from helpdesk.api.variables import Variable
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.web import ComposerTool, Link, Pages, Panel, Rest
from helpdesk.api.work import UnitOfWork

from . import call_backs, calls, console, demo, desk, keeping, offering, outgoing, pages, promise, requests, rest
from .channel import Phone

API = "1"
DESCRIPTION = _("Calls: those that come in, and those the desk promises to make.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """The telephone."""
    return [Phone]


@hookimpl
def register_namespaces() -> list[Namespace]:
    """Calls that ring pop up in the consoles."""
    return [console.NAMESPACE]


@hookimpl
def register_composer_tools() -> list[ComposerTool]:
    """A line in the ticket's menu that logs a call."""
    return [console.LOG]


@hookimpl
def filter_inbound(inbound: Inbound, account: AccountView) -> Inbound | None:
    """An event of a call is entered, before the call is filed or found to be filed."""
    return calls.heard(inbound, account, _went_on)


@hookimpl
def on_report(report: Report, account: AccountView) -> None:
    """An event of a call that the desk made is entered."""
    outgoing.heard(report, account, console.tell_made)


@hookimpl
def register_events() -> list[type[DomainEvent]]:
    """Calls the desk made, and offers to those who wait."""
    return [outgoing.CallMade, offering.CallBackOffered]


def _went_on(uow: UnitOfWork, call: calls.Call) -> None:
    console.tell(uow, call)
    offering.went_on(uow, call)


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """A call that was filed says what it has become meanwhile, and the consoles hear of it."""
    said = event.event
    if isinstance(said, TicketOpened | MessageReceived):
        for call in calls.follow_filed(uow):
            _went_on(uow, call)
        promise.file_asked(uow)
    elif isinstance(said, DeliveryTried | DeliverySent | DeliveryFailed | ReplyWithdrawn):
        row = call_backs.of_message(uow, event.message_id or 0)
        if row is not None:
            promise.follow(uow, row)
    elif isinstance(said, TicketMerged):
        keeping.merged(uow, event.ticket_id or 0)


@hookimpl
def register_clocks() -> list[ClockKind]:
    """Of a call that was promised."""
    return [promise.CLOCK]


@hookimpl
def register_waiting_kinds() -> list[WaitingKind]:
    """People who wait for a call."""
    return [promise.LINE]


@hookimpl
def register_jobs() -> list[JobKind]:
    """Wishes that were broken off, what is forgotten, and offers to those who wait."""
    return [keeping.KEEP, offering.OFFER, demo.DEMO]


@hookimpl
def register_pages() -> list[Pages]:
    """Those of customers and those of agents."""
    return [pages.pages, desk.pages]


@hookimpl
def register_panels() -> list[Panel]:
    """Calls beside the conversation."""
    return [desk.PANEL]


@hookimpl
def register_demo() -> list[dict[str, Any]]:
    """A line on which the demo's customers call and are called back."""
    demo.fill()
    script = "سلام، از کاشانه تماس می‌گیرم.\nHello, this is Kashaneh: you asked us to call."
    given = {"number": demo.LINE, "secret": secrets.token_urlsafe(24), "script": script}
    return [{"channel": "phone", "name": "line", "settings": given}]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """The page of calls."""
    return desk.menu(uow)


@hookimpl
def register_rest() -> list[Rest]:
    """Call-backs for programs."""
    return [rest.rest]


@hookimpl
def register_variables() -> list[Variable]:
    """A link by which the customer asks for a call."""
    return [Variable(("call_back.link", "پیوند.تماس"), _("Link to ask for a call"), requests.link_for)]


@hookimpl
def export_customer(customer_id: Any, uow: UnitOfWork) -> list[Any]:
    """Calls and call-backs."""
    return keeping.export(uow, customer_id)


@hookimpl
def erase_customer(customer_id: Any, uow: UnitOfWork) -> None:
    """The same."""
    keeping.erase(uow, customer_id)
