"""The telephone plugin: what it brings to the desk."""

from __future__ import annotations

from typing import Any

from helpdesk.api import hookimpl
from helpdesk.api.channels import AccountView, Channel, Inbound
from helpdesk.api.errors import _
from helpdesk.api.events import MessageReceived, TicketOpened
from helpdesk.api.live import Namespace
from helpdesk.api.web import ComposerTool
from helpdesk.api.work import UnitOfWork

from . import calls, console
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
    return calls.heard(inbound, account, console.tell)


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """A call that was filed says what it has become meanwhile, and the consoles hear of it."""
    if isinstance(event.event, TicketOpened | MessageReceived):
        for call in calls.follow_filed(uow):
            console.tell(uow, call)
