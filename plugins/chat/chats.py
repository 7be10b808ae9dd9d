"""The page *Live chats*: several chats side by side, answered in place; supervisors whisper in those of others."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request

from helpdesk.api import live, messages, people, tickets
from helpdesk.api.errors import Forbidden, HelpdeskError, NotFound
from helpdesk.api.i18n import gettext, render_message
from helpdesk.api.web import DeskPages, Link
from helpdesk.api.work import UnitOfWork

from . import items, live_chats, visitors

pages = DeskPages("chat_live", __name__, permission="tickets.write")


def menu(uow: UnitOfWork) -> list[Link]:
    """A link to the page, for who answers chats."""
    return [Link(gettext("Live chats"), "/x/chat/", "chat")] if uow.actor.may("tickets.write") else []


@pages.get("/")
def home(uow: UnitOfWork) -> str:
    """The list, and the chats that are open: the one of ``?ticket=`` first, then one's own."""
    rows = live_chats.rows(uow)
    asked = request.args.get("ticket", 0, int)
    own = [row.ticket_id for row in rows["mine"] if row.ticket_id != asked]
    shown = ([asked] if asked else []) + own
    panes = [live_chats.chat(uow, ticket_id) for ticket_id in shown[: live_chats.PANES]]
    return render_template("chat/chats.html", rows=rows, panes=panes, talks=bool(asked))


@pages.get("/list")
def listed(uow: UnitOfWork) -> str:
    """The list, for a page that asks again."""
    return render_template("chat/list.html", rows=live_chats.rows(uow))


@pages.get("/<int:ticket_id>/pane")
def pane(ticket_id: int, uow: UnitOfWork) -> str:
    """One chat with what it is answered in."""
    return render_template("chat/pane.html", chat=live_chats.chat(uow, ticket_id))


@pages.get("/<int:ticket_id>/talk")
def talk(ticket_id: int, uow: UnitOfWork) -> str:
    """One chat without that."""
    return render_template("chat/talk.html", chat=live_chats.chat(uow, ticket_id))


@pages.post("/<int:ticket_id>/say")
def say(ticket_id: int, uow: UnitOfWork) -> Any:
    """Answer the visitor."""
    return _said(uow, ticket_id, lambda text: messages.reply(uow, ticket_id, text))


@pages.post("/<int:ticket_id>/whisper")
def whisper(ticket_id: int, uow: UnitOfWork) -> Any:
    """Say something to the colleague who serves the chat; it never leaves the desk."""
    uow.actor.must(live_chats.MANAGE)
    done = _said(uow, ticket_id, lambda text: messages.note(uow, ticket_id, text, form="whisper"))
    return redirect(f"/tickets/{ticket_id}") if "back" in request.form and isinstance(done, str) else done


def _said(uow: UnitOfWork, ticket_id: int, act: Any) -> Any:
    tickets.get(uow, ticket_id)
    if visitors.of_ticket(uow, ticket_id) is None:
        raise NotFound()
    try:
        act(request.form.get("text", "")[:20_000])
    except Forbidden:
        raise
    except HelpdeskError as error:
        return {"detail": render_message(error)}, 409
    return render_template("chat/talk.html", chat=live_chats.chat(uow, ticket_id))


# Over the socket ------------------------------------------------------------------------------------------------------


def _read(uow: UnitOfWork, data: dict[str, Any]) -> None:
    """``{ticket, upto}``: everything up to a message was on the screen."""
    if type(data.get("ticket")) is int and type(data.get("upto")) is int:
        tickets.mark_read(uow, data["ticket"], data["upto"])


def _typing(uow: UnitOfWork, data: dict[str, Any]) -> None:
    """``{ticket}``: the visitor sees that the agent types."""
    if type(data.get("ticket")) is not int:
        return
    tickets.get(uow, data["ticket"])
    visitor, me = visitors.of_ticket(uow, data["ticket"]), people.me(uow)
    if visitor and me:
        items.tell(uow, visitor, "typing", {"name": me.name, "writing": True})


NAMESPACE = live.Namespace({"read": _read, "typing": _typing}, permission="tickets.write")
