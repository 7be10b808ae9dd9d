"""The form plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl, work
from helpdesk.api.channels import Channel
from helpdesk.api.events import TicketOpened
from helpdesk.api.i18n import _, gettext
from helpdesk.api.jobs import JobKind
from helpdesk.api.permissions import Permission
from helpdesk.api.web import DeskPages, Link, PublicPages

from . import demo, desk, filing, guard, public, request_page, topics
from .channel import Form

API = "1"
DESCRIPTION = _("Contact forms by topic for any site, and a page on which customers follow their request.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """Forms."""
    return [Form]


@hookimpl
def register_jobs() -> list[JobKind]:
    """Forgetting what is over; the demo's customers."""
    return [guard.FORGET, demo.SEND]


@hookimpl
def register_permissions() -> list[Permission]:
    """Building forms."""
    return desk.PERMISSIONS


@hookimpl
def register_pages() -> list[DeskPages | PublicPages]:
    """For admins, for customers, and for who holds a link."""
    return [desk.pages, public.pages, request_page.pages]


@hookimpl
def menu_links(uow) -> list[Link]:
    """The page of forms, for who builds them."""
    return [Link(gettext("Forms"), "/x/form/", "form")] if uow.actor.may(topics.EDIT) else []


@hookimpl
def route_ticket(inbound) -> int | None:
    """The queue of the topic."""
    return inbound.details.get("form", {}).get("queue")


@hookimpl
def on_event(event, uow) -> None:
    """A post became a ticket."""
    if isinstance(event.event, TicketOpened) and event.message_id:
        filing.followed(uow.acting(work.plugin_actor("form")), event.ticket_id, event.message_id, event.event.silent)


@hookimpl
def register_demo(runtime) -> list[dict]:
    """A contact form of the shop."""
    return demo.make(runtime)
