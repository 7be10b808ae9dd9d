"""The webhook plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.events import DomainEvent
from helpdesk.api.health import Check, Metric
from helpdesk.api.i18n import _, gettext
from helpdesk.api.permissions import Permission
from helpdesk.api.web import DeskPages, Link, Rest
from helpdesk.api.work import UnitOfWork

from . import calls, endpoints, inbound, lanes, pages, rest, tables

API = "1"
DESCRIPTION = _("Sends events to other systems, signed and retried, and takes in their JSON as messages.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """Foreign JSON."""
    return [inbound.Inlet]


@hookimpl
def register_permissions() -> list[Permission]:
    """Deciding who is told what."""
    return [endpoints.PERMISSION]


@hookimpl
def register_events() -> list[type[DomainEvent]]:
    """An endpoint that was switched off."""
    return [tables.EndpointSwitchedOff]


@hookimpl
def register_jobs() -> list:
    """Sending, and forgetting what is old."""
    return [lanes.serve, calls.FORGET]


@hookimpl
def register_checks() -> list[Check]:
    """An endpoint that the desk switched off."""
    return [Check("endpoints", endpoints.check_health)]


@hookimpl
def register_metrics() -> list[Metric]:
    """What waits to be sent."""
    return [Metric("waiting", "Calls that wait to be sent, by endpoint", _waiting, ("endpoint",))]


@hookimpl
def register_pages() -> list[DeskPages]:
    """The page *Webhooks*."""
    return [pages.pages]


@hookimpl
def register_rest() -> list[Rest]:
    """The same for programs."""
    return [rest.rest]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """The page, for whoever may change it."""
    return [Link(gettext("Webhooks"), "/x/webhook/", "plug")] if uow.actor.may(endpoints.MANAGE) else []


@hookimpl
def on_event(event, uow: UnitOfWork) -> None:
    """Write a call for each endpoint that is told of this event."""
    if calls.write(uow, event):
        lanes.BELL.set()


@hookimpl
def erase_customer(customer_id: int, uow: UnitOfWork) -> None:
    """What other systems answered about them."""
    calls.erase(uow, customer_id)


def _waiting(uow: UnitOfWork) -> dict[tuple[str, ...], int]:
    return {(str(row.id),): calls.count(uow, row.id, tables.WAITING) for row in endpoints.listed(uow)}
