"""What happens at the desk, as visitors are told it: a ticket begins, somebody takes the chat, reads it, solves it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.api import accounts, events, jobs, live, messages, people, tables, tickets, waiting
from helpdesk.api.i18n import _
from helpdesk.api.work import UnitOfWork

from . import ending, items, state, visitors
from .tables import Item, Visitor

BEGUN = (events.TicketOpened, events.MessageReceived)
TAKEN = (events.WaitingTaken, events.WaitingGiven)
LINE = (events.WaitingJoined, events.WaitingLeft, events.WaitingEnded, *TAKEN)


def follow(event: Any, uow: UnitOfWork) -> None:
    """Tell the visitor whose chat it is."""
    what = event.event
    if isinstance(what, BEGUN) and event.message_id:
        _begun(uow, event.ticket_id, event.message_id)
    elif isinstance(what, events.TicketMerged):
        tables.update(uow, Visitor, Visitor.ticket_id == what.source, ticket_id=what.target)
    elif isinstance(what, LINE) and what.line == state.KIND:
        _in_line(uow, event.ticket_id, what)
    elif isinstance(what, events.UserAvailabilityChanged) and what.after == "available":
        _somebody_came(uow)
    elif isinstance(what, events.TicketRead):
        _read(uow, event.ticket_id)
    elif isinstance(what, events.ReplyQueued):
        _answered(uow, event.ticket_id, event.message_id)
    elif isinstance(what, events.TicketChanged) and what.after.get("status") in ("solved", "closed"):
        _solved(uow, event.ticket_id)


def _begun(uow: UnitOfWork, ticket_id: int, message_id: int) -> None:
    """A visitor's message is in its ticket: the first joins the line."""
    said = messages.get(uow, message_id)
    visitor = visitors.by_address(uow, said.address) if said.address.startswith("visitor-") else None
    if visitor is None:
        return
    ticket = tickets.get(uow, ticket_id)
    known = {"ticket_id": ticket_id, "customer_id": ticket.customer_id}
    if (visitor.ticket_id, visitor.customer_id) != (ticket_id, ticket.customer_id):
        visitor = visitors.change(uow, visitor, **known)
    account = accounts.get(uow, visitor.account_id)
    if visitor.phase == "new":
        visitor = visitors.change(uow, visitor, phase="waiting")
        _join(uow, visitor, state.is_open(uow, account))
        if visitor.proven:
            visitors.join_customer(uow, visitor, "email", visitor.email)
        state.tell(uow, account, visitors.by_id(uow, visitor.id))


def _join(uow: UnitOfWork, visitor: Visitor, opened: bool) -> None:
    """Let a visitor wait in the line while somebody takes chats; else their message waits as others do."""
    if visitor.ticket_id and opened:
        waiting.join(uow, state.KIND, visitor.ticket_id, label=visitors.name_of(visitor), data={})


def _somebody_came(uow: UnitOfWork) -> None:
    """Who wrote while nobody was there, and is still on the page, joins the line now."""
    there = (Visitor.phase == "waiting", Visitor.seen_at > uow.clock() - visitors.GONE)
    opened: dict[int, bool] = {}  # asked once for each account
    for visitor in list(uow.session.scalars(select(Visitor).where(*there).order_by(Visitor.id).limit(50))):
        number = visitor.account_id
        if number not in opened:
            opened[number] = state.is_open(uow, accounts.get(uow, number))
        _join(uow, visitor, opened[number])


def _opened(uow: UnitOfWork, _job: Any) -> None:
    """The business hours began, or somebody came back to the page: they join as when somebody comes to the desk."""
    _somebody_came(uow)


OPENED = jobs.JobKind(
    "chat.opened",
    _opened,
    _("Let visitors who wrote before the desk opened join the line"),
    schedule=jobs.Every(timedelta(minutes=1)),
)


def _in_line(uow: UnitOfWork, ticket_id: int, what: Any) -> None:
    visitor = visitors.of_ticket(uow, ticket_id)
    account = accounts.get(uow, visitor.account_id if visitor else tickets.get(uow, ticket_id).account_id)
    line = state.Line(uow, account)
    if visitor and visitor.phase != "ended":  # the visitor may have gone before this is heard
        if isinstance(what, events.WaitingTaken):
            visitor = visitors.change(uow, visitor, phase="open", agent=_person(uow, account, what.user))
        elif isinstance(what, events.WaitingGiven):
            visitor = visitors.change(uow, visitor, phase="waiting", agent={})
        state.tell(uow, account, visitor, line)
    for other in _waiting(uow, account.id):
        if visitor is None or other.id != visitor.id:
            state.tell(uow, account, other, line)


def _waiting(uow: UnitOfWork, account_id: int) -> list[Visitor]:
    """Those of an account who wait now, the longest first: their places may have changed."""
    where = (Visitor.account_id == account_id, Visitor.phase == "waiting")
    return list(uow.session.scalars(select(Visitor).where(*where).order_by(Visitor.id).limit(50)))


def _person(uow: UnitOfWork, account: accounts.Account, user_id: int | None) -> dict[str, str]:
    name = people.user(uow, user_id).name if user_id else ""
    return {"name": name, "picture": state.faces(uow, account, [user_id or 0]).get(user_id or 0, "")}


def _read(uow: UnitOfWork, ticket_id: int) -> None:
    """An agent saw the ticket: so far the visitor's messages are read."""
    visitor = visitors.of_ticket(uow, ticket_id)
    if visitor is None:
        return
    upto = items.last(uow, visitor, Item.key.like("v:%"))
    if upto > visitor.desk_read:
        items.tell(uow, visitors.change(uow, visitor, desk_read=upto), "read", {"seq": upto})


def _answered(uow: UnitOfWork, ticket_id: int, message_id: int) -> None:
    """An agent who answers has read the chat and serves it, also without having taken it from the line."""
    _read(uow, ticket_id)
    visitor = visitors.of_ticket(uow, ticket_id)
    if visitor is None or visitor.phase != "waiting":
        return
    written = messages.get(uow, message_id)
    entry = state.entry_of(uow, visitor)
    if entry and entry.state != "taken":
        waiting.end(uow, entry.id, "answered")
    account = accounts.get(uow, visitor.account_id)
    agent = _person(uow, account, written.user_id) | {"name": written.author}
    state.tell(uow, account, visitors.change(uow, visitor, phase="open", agent=agent))


def _solved(uow: UnitOfWork, ticket_id: int) -> None:
    visitor = visitors.of_ticket(uow, ticket_id)
    if visitor and visitor.phase in ("open", "waiting"):
        account = accounts.get(uow, visitor.account_id)
        state.tell(uow, account, ending.end(uow, visitor, "solved"))


# Customers ------------------------------------------------------------------------------------------------------------


def export(uow: UnitOfWork, customer_id: int) -> list[dict[str, Any]]:
    """What is kept of the visitors who are this customer."""
    rows = list(uow.session.scalars(select(Visitor).where(Visitor.customer_id == customer_id)))
    return [
        {
            "since": visitor.created_at.isoformat(),
            "site_user": visitor.site_user,
            "answers": visitor.answers,
            "email": visitor.email,
            "page": visitor.page,
            "language": visitor.language,
            "network": visitor.network,
            "items": [items.told(item, item.data) for item in _all(uow, visitor)],
        }
        for visitor in rows
    ]


def _all(uow: UnitOfWork, visitor: Visitor) -> list[Item]:
    return list(uow.session.scalars(select(Item).where(Item.visitor_id == visitor.id).order_by(Item.id)))


def erase(uow: UnitOfWork, customer_id: int) -> None:
    """Delete them, and what was said in their chats; their pages are told that the proof is void."""
    for visitor in list(uow.session.scalars(select(Visitor).where(Visitor.customer_id == customer_id))):
        number, public = visitor.id, visitor.public
        tables.delete(uow, Item, Item.visitor_id == number)
        tables.delete(uow, Visitor, Visitor.id == number)
        live.emit_public(uow, items.PLUGIN, "rotated", {}, [public])


def merged(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """The visitors of one customer are another's now."""
    tables.update(uow, Visitor, Visitor.customer_id == source_id, customer_id=target_id)
