"""The chat plugin: what it brings to the desk."""

from __future__ import annotations

from typing import Any

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.errors import _
from helpdesk.api.events import DomainEvent
from helpdesk.api.jobs import JobKind
from helpdesk.api.live import Namespace, PublicSockets
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.web import Link, Pages, Panel
from helpdesk.api.work import UnitOfWork

from . import chats, demo, desk, ending, following, pages, proofs, sockets, state, tables
from .channel import Chat

API = "1"
DESCRIPTION = _("Visitors of web sites talk with the desk, by a widget that one line puts into a page.")
LINE = WaitingKind(state.KIND, _("Chats"), "chat", capacity=3, page="/x/chat/?ticket={ticket}")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """Chat."""
    return [Chat]


@hookimpl
def register_events() -> list[type[DomainEvent]]:
    """Ratings, ends, proofs and blocks."""
    return tables.EVENTS


@hookimpl
def register_waiting_kinds() -> list[WaitingKind]:
    """Visitors who wait."""
    return [LINE]


@hookimpl
def register_jobs() -> list[JobKind]:
    """Mails, and the end of chats in which nobody speaks."""
    return [proofs.MAIL_PROOF, proofs.FOLLOW, ending.IDLE, ending.UNUSED_JOB, following.OPENED, demo.PLAY]


@hookimpl
def register_pages() -> list[Pages]:
    """For sites and visitors; live chats, ending and blocking for agents."""
    return [pages.public, pages.upload, pages.proof, desk.pages, chats.pages]


@hookimpl
def register_public_sockets() -> list[PublicSockets]:
    """The visitors' server."""
    return [sockets.SOCKETS]


@hookimpl
def register_namespaces() -> list[Namespace]:
    """What the page of live chats says."""
    return [chats.NAMESPACE]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """The live chats, for who answers."""
    return chats.menu(uow)


@hookimpl
def register_panels() -> list[Panel]:
    """The visitor beside the conversation."""
    return [desk.PANEL]


@hookimpl
def register_demo(runtime: Any) -> list[dict]:
    """The account of the demo's shop, with some chats."""
    return demo.make(runtime.config.url)


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """Visitors are told what happens at the desk."""
    following.follow(event, uow)


@hookimpl
def export_customer(customer_id: int, uow: UnitOfWork) -> list | None:
    """What was said in their chats."""
    return following.export(uow, customer_id) or None


@hookimpl
def erase_customer(customer_id: int, uow: UnitOfWork) -> None:
    """Their chats, and their proof."""
    following.erase(uow, customer_id)


@hookimpl
def on_customers_merged(source_id: int, target_id: int, uow: UnitOfWork) -> None:
    """Their visitors follow."""
    following.merged(uow, source_id, target_id)
