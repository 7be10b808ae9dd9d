"""The end of chats: by the visitor, by silence, or with the ticket; and the beginning of the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.api import accounts, events, jobs, messages, waiting
from helpdesk.api.i18n import _, gettext
from helpdesk.api.work import UnitOfWork

from . import state, visitors
from .tables import ChatEnded, Item, Visitor

AT_ONCE = 200  # chats looked at in one run
UNUSED = timedelta(days=2)  # after which a visitor who never said anything is forgotten


def end(uow: UnitOfWork, visitor: Visitor, why: str) -> Visitor:
    """End the running chat; nothing happens when none runs."""
    if visitor.phase not in ("open", "waiting"):
        return visitor
    entry = state.entry_of(uow, visitor)
    if entry and entry.state == "taken":
        waiting.end(uow, entry.id, why)
    elif entry:
        waiting.leave(uow, entry.id)
    if visitor.ticket_id:
        events.record(uow, ChatEnded(ticket_id=visitor.ticket_id, why=why))
    return visitors.change(uow, visitor, phase="ended")


def begin_next(uow: UnitOfWork, visitor: Visitor) -> Visitor:
    """The next chat of a visitor whose last one is over: another ticket."""
    return visitors.change(uow, visitor, chat=visitor.chat + 1, phase="new", ticket_id=None, agent={}, rated="")


def keep_comment(uow: UnitOfWork, visitor: Visitor, comment: str) -> None:
    """What was said with a rating, for the agents."""
    messages.note(
        uow, visitor.ticket_id or 0, gettext("The customer said about the chat: %(comment)s", comment=comment)
    )


def _end_idle(uow: UnitOfWork, _job: Any) -> None:
    """End chats in which nobody said a word for the account's minutes and whose visitor is gone."""
    gone = Visitor.seen_at < uow.clock() - visitors.GONE
    rows = select(Visitor).where(Visitor.phase.in_(("open", "waiting")), gone).limit(AT_ONCE)
    for visitor in list(uow.session.scalars(rows)):
        account = accounts.get(uow, visitor.account_id)
        last = uow.session.scalar(
            select(Item.at).where(Item.visitor_id == visitor.id).order_by(Item.id.desc()).limit(1)
        )
        if last and last < uow.clock() - timedelta(minutes=account.settings.get("idle", 60)):
            state.tell(uow, account, end(uow, visitor, "idle"))


def _forget_unused(uow: UnitOfWork, _job: Any) -> None:
    """Forget visitors who said nothing, and those whose proof is over and who are nobody's customer."""
    from helpdesk.api import tables

    said = select(Item.id).where(Item.visitor_id == Visitor.id).exists()
    tables.delete(uow, Visitor, Visitor.seen_at < uow.clock() - UNUSED, ~said)


IDLE = jobs.JobKind(
    "chat.end_idle", _end_idle, _("End chats in which nobody speaks"), schedule=jobs.Every(timedelta(minutes=1))
)
UNUSED_JOB = jobs.JobKind(
    "chat.forget_unused", _forget_unused, _("Forget visitors who said nothing"), schedule=jobs.Every(timedelta(hours=6))
)
