"""What agents see of a visitor beside the conversation, and how they block one."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request

from helpdesk.api import accounts, events, tickets
from helpdesk.api.errors import NotFound
from helpdesk.api.i18n import _, gettext
from helpdesk.api.web import DeskPages, Panel
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import ending, state, visitors
from .tables import ChatBlocked

BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")  # the first that is named counts
NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")

pages = DeskPages("chat_desk", __name__, permission="tickets.write")


def browser(agent: str) -> str:
    """A browser's name for itself as people say it: "Firefox 131, Linux"."""
    found = next((name for name in BROWSERS if f"{name}/" in agent), "")
    version = re.search(rf"{found}/(\d{{1,4}})", agent) if found else None
    system = next((name for name in SYSTEMS if name in agent), "")
    words = f"{NAMES.get(found, found)} {version[1] if version else ''}".strip()
    return ", ".join(part for part in (words, system) if part)


def load(uow: UnitOfWork, ticket_id: int) -> dict[str, Any] | None:
    """The visitor of a chat's ticket as the panel shows them."""
    visitor = visitors.of_ticket(uow, ticket_id)
    if visitor is None:
        return None
    page, account = visitor.page, accounts.get(uow, visitor.account_id)
    return {
        "ticket": ticket_id,
        "visitor": visitor,
        "page": page,
        "browser": browser(page.get("agent", "")),
        "gone": visitors.is_gone(uow, visitor),
        "email": visitor.email if visitor.proven else state.masked(visitor.email),
        "blocked": visitors.is_blocked(uow, account, visitor.network, visitor.address),
        "topic": visitor.answers.get("topic", ""),
        "phase": gettext(PHASES[visitor.phase]),
        "running": visitor.phase in ("waiting", "open"),
    }


PHASES = {"new": _("Not begun"), "waiting": _("Waits"), "open": _("Chats now"), "ended": _("The chat has ended.")}
PANEL = Panel(
    name="visitor",
    title=_("Visitor"),
    icon="chat",
    template="chat/visitor.html",
    script="desk_visitor.js",
    load=load,
)


@pages.get("/<int:ticket_id>/visitor")
def visitor(ticket_id: int, uow: UnitOfWork) -> str:
    """The panel, for a page that asks again."""
    _of(uow, ticket_id)
    return render_template("chat/visitor.html", **(load(uow, ticket_id) or {}))


@pages.post("/<int:ticket_id>/block")
def block(ticket_id: int, uow: UnitOfWork) -> Any:
    """Block the visitor, with their network where asked."""
    visitor = _of(uow, ticket_id)
    network = request.form.get("network") == "1"
    visitors.block(uow, visitor, network)
    events.record(uow, ChatBlocked(ticket_id=ticket_id, network=network))
    ending.end(uow.acting(plugin_actor("chat")), visitor, "blocked")
    return redirect(f"/tickets/{ticket_id}")


@pages.post("/<int:ticket_id>/end")
def end(ticket_id: int, uow: UnitOfWork) -> Any:
    """End the chat; the ticket stays as it is."""
    visitor = ending.end(uow.acting(plugin_actor("chat")), _of(uow, ticket_id), "agent")
    state.tell(uow.acting(plugin_actor("chat")), accounts.get(uow, visitor.account_id), visitor)
    return redirect("/x/chat/" if request.form.get("back") == "chats" else f"/tickets/{ticket_id}")


def _of(uow: UnitOfWork, ticket_id: int) -> Any:
    tickets.get(uow, ticket_id)
    visitor = visitors.of_ticket(uow, ticket_id)
    if visitor is None:
        raise NotFound()
    return visitor
