"""The demo's customer in the street: their phone, with the networks of the providers behind it.

All of it is there only when the desk was made with ``--demo``: its folder then stands in the data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpdesk.api import customers, hookimpl
from helpdesk.api.errors import _
from helpdesk.api.events import DeliverySent
from helpdesk.api.i18n import gettext
from helpdesk.api.live import Namespace, emit
from helpdesk.api.settings import is_demo
from helpdesk.api.web import DeskPages, Link
from helpdesk.api.work import UnitOfWork

from . import networks
from .pages import pages
from .store import Line, Store

API = "1"
HANDSET = "handset"  # the room of open phones
DESCRIPTION = _("The phone of the demo's customer: text messages, a messenger and calls.")


@hookimpl
def register_demo(runtime: Any) -> list[dict[str, Any]]:
    """An account behind each network, where its channel is on."""
    return [one for one in networks.demo_accounts(Store(runtime.data_dir)) if one["channel"] in runtime.channels]


@hookimpl
def register_own_ports(runtime: Any) -> list[int]:
    """The stand-ins of the providers, in a demo."""
    return list(Store(runtime.data_dir).known.get("ports", {}).values())


@hookimpl
def register_jobs() -> list[Callable]:
    """The networks."""
    return [networks.serve]


@hookimpl
def register_pages() -> list[DeskPages]:
    """The page *Customer's phone*."""
    return [pages]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """A link to the page, for everybody who plays the demo."""
    return [Link(gettext("Customer's phone"), "/x/handset/", "phone", go="KeyP")] if is_demo(uow.runtime) else []


@hookimpl
def register_namespaces() -> list[Namespace]:
    """An open phone hears at once of what came."""
    return [Namespace({}, rooms=lambda _uow: [HANDSET])]


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """Tell open phones that something has left the desk."""
    if isinstance(event.event, DeliverySent) and is_demo(uow.runtime):
        emit(uow, "handset", "news", {}, [HANDSET])


@hookimpl
def export_customer(customer_id: int, uow: UnitOfWork) -> list[dict[str, str]] | None:
    """What stands on a customer's phone."""
    return [_told(line) for line in Store(uow.runtime.data_dir).of(_numbers(customer_id, uow))]


@hookimpl
def erase_customer(customer_id: int, uow: UnitOfWork) -> None:
    """It goes with them."""
    if is_demo(uow.runtime):
        Store(uow.runtime.data_dir).forget(_numbers(customer_id, uow))


def _numbers(customer_id: int, uow: UnitOfWork) -> set[str]:
    known = customers.get(uow, customer_id).identities
    return {f"0{one.address[3:]}" for one in known if one.kind == "phone" and one.address.startswith("+989")}


def _told(line: Line) -> dict[str, str]:
    return {"at": line.when.isoformat(), "app": line.app, "way": "in" if line.came else "out", "text": line.text}
