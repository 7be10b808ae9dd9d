"""What the page *Live chats* shows: the chats an agent has, who waits in line, those of colleagues, and one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from helpdesk.api import messages, people, presence, rules, tickets, waiting
from helpdesk.api.errors import NotFound
from helpdesk.api.work import UnitOfWork

from . import desk, items, state, visitors
from .tables import Item, Visitor

SHOWN, PANES = 60, 3  # messages of a chat; chats side by side
MANAGE = "waiting.manage"  # of supervisors: they may whisper in the chats of others


@dataclass(frozen=True)
class Row:
    """A chat in the list. ``group`` is mine, line or team, ``holder`` who has it, ``since`` when somebody spoke."""

    ticket_id: int
    entry_id: int | None
    group: str
    name: str
    words: str
    unread: int
    since: datetime
    gone: bool
    holder: str


def rows(uow: UnitOfWork) -> dict[str, list[Row]]:
    """The chats the actor sees, in their groups."""
    me, found = uow.actor.user_id, {"mine": [], "line": [], "team": []}
    entries = {one.ticket_id: one for one in waiting.line(uow, kind=state.KIND)}
    talking = {one.ticket_id: one for one in _of(uow, entries) if one.ticket_id}
    talking |= {one.ticket_id: one for one in _answered(uow, me) if one.ticket_id and one.ticket_id not in entries}
    last, unread = _last(uow, talking.values()), _unread(uow, talking.values())
    names = {one.user_id: one.name for one in presence.everybody(uow)} if entries else {}
    for ticket_id, visitor in talking.items():
        entry, said = entries.get(ticket_id), last.get(visitor.id)
        taken = entry is None or entry.state == "taken"
        group = "line" if not taken else "mine" if entry is None or entry.taken_by == me else "team"
        row = Row(
            ticket_id=ticket_id,
            entry_id=entry.id if entry else None,
            group=group,
            name=visitors.name_of(visitor),
            words=str(said.data.get("text", "")) if said else "",
            unread=unread.get(visitor.id, 0),
            since=said.at if said else visitor.created_at,
            gone=visitors.is_gone(uow, visitor),
            holder=names.get(entry.taken_by or 0, "") if entry else "",
        )
        found[group].append(row)
    return found


def _of(uow: UnitOfWork, ticket_ids: Collection[int]) -> list[Visitor]:
    query = select(Visitor).where(Visitor.ticket_id.in_(ticket_ids)).order_by(Visitor.id)
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def _answered(uow: UnitOfWork, me: int | None) -> list[Visitor]:
    """Open chats of the actor's that never stood in the line, such as those that began with a message left."""
    query = select(Visitor).join(rules.tickets, rules.tickets.c.id == Visitor.ticket_id)
    mine = query.where(Visitor.phase == "open", rules.tickets.c.assignee_id == me).order_by(Visitor.id).limit(20)
    return list(uow.session.scalars(mine.execution_options(populate_existing=True)))


def _last(uow: UnitOfWork, found: Collection[Visitor]) -> dict[int, Item]:
    """The last words of each, edits included, without those that were taken back."""
    theirs = Item.visitor_id.in_([one.id for one in found])
    gone = select(Item.about).where(theirs, Item.kind == "deleted")
    spoken = (theirs, Item.kind.in_(("message", "edited")), func.coalesce(Item.about, Item.id).not_in(gone))
    newest = select(func.max(Item.id)).where(*spoken).group_by(Item.visitor_id)
    return {one.visitor_id: one for one in uow.session.scalars(select(Item).where(Item.id.in_(newest)))}


def _unread(uow: UnitOfWork, found: Collection[Visitor]) -> dict[int, int]:
    query = (
        select(Item.visitor_id, func.count())
        .join(Visitor, Visitor.id == Item.visitor_id)
        .where(Item.visitor_id.in_([one.id for one in found]), Item.id > Visitor.desk_read, Item.key.like("v:%"))
        .group_by(Item.visitor_id)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}


def chat(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """One chat with its last messages, notes among them; NotFound unless the actor sees its ticket."""
    ticket, visitor = tickets.get(uow, ticket_id), visitors.of_ticket(uow, ticket_id)
    if visitor is None:
        raise NotFound()
    entry = state.entry_of(uow, visitor)
    holder = people.user(uow, entry.taken_by) if entry and entry.taken_by else None
    theirs = holder is not None and holder.id != uow.actor.user_id
    answers = items.last(uow, visitor, Item.key.like("o:%"))
    return {
        **(desk.load(uow, ticket_id) or {}),
        "ticket": ticket,
        "name": visitors.name_of(visitor),
        "entry": entry,
        "holder": holder.name if holder else "",
        "waits": entry is not None and entry.state != "taken",
        "whispers": theirs and uow.actor.may(MANAGE),
        "listens": theirs and not uow.actor.may(MANAGE),
        "said": said(uow, ticket_id),
        "files": messages.files_of(uow, ticket_id),
        "seen": bool(answers) and visitor.visitor_read >= answers,
    }


def said(uow: UnitOfWork, ticket_id: int) -> list[messages.Message]:
    """The last messages and notes of a ticket, oldest first."""
    found = page = messages.of_ticket(uow, ticket_id, notes=True, limit=200)
    while len(page) == 200:
        page = messages.of_ticket(uow, ticket_id, notes=True, after=page[-1].id, limit=200)
        found = [*found[-SHOWN:], *page]
    return found[-SHOWN:]
