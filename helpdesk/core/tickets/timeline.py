"""One ticket's conversation: messages and events on one time line, the newest page first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, outerjoin, select
from sqlalchemy.orm import Session, joinedload

from helpdesk.core.accounts.models import Account
from helpdesk.core.events.registry import users_in
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import User

from .message_models import Attachment, Attempt, Delivery, Message, MessageExternalId
from .models import Ticket
from .visibility import visible_ticket

LONGEST = 200  # the most messages of one page
KNOWN = 3  # read messages shown above the first unread one of many
MESSAGE = Message.__table__.c
DELIVERY = "id state reason due_at sent_at delivered_at read_at by_hand tries to cc outcomes".split()
ACCOUNT = (Account.__table__.c.name.label("account_name"), Account.__table__.c.channel.label("account_channel"))
COLUMNS = (*MESSAGE, *ACCOUNT, *(Delivery.__table__.c[name].label(f"delivery_{name}") for name in DELIVERY))
FILES_QUERY = (
    select(Attachment.__table__)
    .where(Attachment.__table__.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(Attachment.__table__.c.id)
)
TRIES_QUERY = (
    select(Attempt.__table__)
    .where(Attempt.__table__.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(Attempt.__table__.c.id)
)
AROUND = tuple(joinedload(part) for part in (Ticket.customer, Ticket.queue, Ticket.assignee, Ticket.account))


FILE = ("id", "name", "type", "size", "cid", "inline", "state", "reason")
IDS = MessageExternalId.__table__.c
KNOWN_QUERY = (
    select(IDS.message_id, IDS.external_id)
    .where(IDS.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(IDS.external_id)
)
EVENT = Event.__table__.c
EVENTS_QUERY = (
    select(Event.__table__)
    .where(EVENT.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(EVENT.seq.desc())
    .limit(200)
)
NAMES_QUERY = select(User.__table__.c.id, User.__table__.c.name).where(
    User.__table__.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass
class Conversation:
    """``items`` oldest first, each {"is": "message" | "event", …}.

    ``before`` is the message id to ask the earlier page with, or None; ``later`` True when newer messages follow;
    ``first_unread`` a message id, or 0.
    """

    ticket: Ticket
    items: list[dict[str, Any]]
    before: int | None = None
    later: bool = False
    first_unread: int = 0

    @property
    def last(self) -> int:
        """The id of the newest message among the items, 0 for none."""
        return max((item["id"] for item in self.items if item["is"] == "message"), default=0)


def conversation(
    uow: UnitOfWork, ticket_id: int, before: int | None = None, after: int | None = None, limit: int = 20
) -> Conversation:
    """The last ``limit`` messages (before, or after, a message id) and the events between them; all unread ones, up
    to ``LONGEST``.
    """
    ticket, session = visible_ticket(uow, ticket_id, options=AROUND, populate_existing=True), uow.session
    query, later, first = _said(ticket_id), False, 0
    if after is not None:
        messages, more = _read(session, query.where(MESSAGE.id > after).order_by(MESSAGE.id).limit(LONGEST + 1)), False
        messages, later = messages[:LONGEST], len(messages) > LONGEST
    else:
        messages, more = _newest(session, query.where(MESSAGE.id < before) if before else query, limit)
        first = _first_unread(session, ticket, messages) if ticket.unread and not before else 0
        if first and first < messages[0]["id"]:
            messages, more, later = _around(session, query, first)
    events = _events(uow, ticket_id, messages[0]["at"] if more else None, before)
    if later:
        events = [event for event in events if event["at"] <= messages[-1]["at"]]
    items = sorted(messages + events, key=lambda item: (item["at"], item["is"]))
    return Conversation(ticket, items, messages[0]["id"] if more else None, later, first)


def changed_items(uow: UnitOfWork, ticket_id: int, message_ids: Iterable[int], since: int) -> Conversation:
    """These messages as they are now, and the events after number ``since``."""
    ticket = visible_ticket(uow, ticket_id, options=AROUND, populate_existing=True)
    ids = sorted(set(message_ids))
    messages = _read(uow.session, _said(ticket_id).where(MESSAGE.id.in_(ids)).order_by(MESSAGE.id)) if ids else []
    events = _told(uow, EVENTS_QUERY.where(EVENT.ticket_id == ticket_id, EVENT.seq > since))
    return Conversation(ticket, sorted(messages + events, key=lambda item: (item["at"], item["is"])))


def _newest(session: Session, query: Select[*tuple[Any, ...]], limit: int) -> tuple[list[dict[str, Any]], bool]:
    """The last messages of a query, oldest first, and whether there are earlier ones."""
    messages = _read(session, query.order_by(MESSAGE.id.desc()).limit(limit + 1))
    return messages[:limit][::-1], len(messages) > limit


def _first_unread(session: Session, ticket: Ticket, messages: list[dict[str, Any]]) -> int:
    """The id of the customer's first message that nobody has read, 0 for none."""
    inbound = [message["id"] for message in messages if message["kind"] == "in"]
    if len(inbound) >= ticket.unread:
        return int(inbound[-ticket.unread])
    theirs = select(MESSAGE.id).where(
        MESSAGE.ticket_id == ticket.id, MESSAGE.kind == "in", MESSAGE.withdrawn.is_(False)
    )
    return session.scalar(theirs.order_by(MESSAGE.id.desc()).offset(ticket.unread - 1).limit(1)) or (
        inbound[0] if inbound else 0
    )


def _around(session: Session, query: Select[*tuple[Any, ...]], first: int) -> tuple[list[dict[str, Any]], bool, bool]:
    """The messages from ``first`` on with a few before it; whether there are earlier ones, and later ones."""
    known, more = _newest(session, query.where(MESSAGE.id < first), KNOWN)
    messages = _read(session, query.where(MESSAGE.id >= first).order_by(MESSAGE.id).limit(LONGEST + 1))
    return known + messages[:LONGEST], more, len(messages) > LONGEST


def _said(ticket_id: int) -> Select[*tuple[Any, ...]]:
    joined = outerjoin(Message.__table__, Delivery.__table__, Delivery.__table__.c.message_id == MESSAGE.id).outerjoin(
        Account.__table__, Account.__table__.c.id == MESSAGE.account_id
    )
    return select(*COLUMNS).select_from(joined).where(MESSAGE.ticket_id == ticket_id, MESSAGE.withdrawn.is_(False))


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The messages of a query as plain data; past the ORM, which would take most of a page's time."""
    connection = session.connection()
    rows = connection.execute(query).all()
    files: dict[int, list[Any]] = {}
    for file in connection.execute(FILES_QUERY, {"ids": [row.id for row in rows]}):
        files.setdefault(file.message_id, []).append(file)
    items = [
        _item(row, _delivery(row, "delivery_") if row.delivery_id else None, files.get(row.id, ()), _account(row))
        for row in rows
    ]
    _add_tries(session, [item["delivery"] for item in items if item["delivery"] and item["delivery"]["by_hand"]])
    return items


def _add_tries(session: Session, deliveries: list[dict[str, Any]]) -> None:
    """What was tried by hand, oldest first: ``attempts`` of {at, outcome, detail}."""
    by_id = {delivery["id"]: delivery for delivery in deliveries}
    for delivery in deliveries:
        delivery["attempts"] = []
    if by_id:
        for row in session.connection().execute(TRIES_QUERY, {"ids": list(by_id)}):
            by_id[row.delivery_id]["attempts"].append({"at": row.at, "outcome": row.outcome, "detail": row.detail})


def messages(
    uow: UnitOfWork, ticket_id: int, notes: bool = False, after: int = 0, limit: int = 50
) -> tuple[list[dict[str, Any]], int | None]:
    """Messages as plain data, oldest first, those after an id; and the id the next page begins after, None at the
    end.
    """
    visible_ticket(uow, ticket_id)
    limit = max(1, min(limit, LONGEST))
    query = _said(ticket_id).where(MESSAGE.id > after)
    query = query if notes else query.where(MESSAGE.kind != "note")
    found = _read(uow.session, query.order_by(MESSAGE.id).limit(limit + 1))
    _add_external_ids(uow.session, found[:limit])
    return found[:limit], found[limit - 1]["id"] if len(found) > limit else None


def _add_external_ids(session: Session, items: list[dict[str, Any]]) -> None:
    known: dict[int, list[str]] = {}
    for message_id, external_id in session.connection().execute(KNOWN_QUERY, {"ids": [item["id"] for item in items]}):
        known.setdefault(message_id, []).append(external_id)
    for item in items:
        item["external_ids"] = known.get(item["id"], [])


def _events(uow: UnitOfWork, ticket_id: int, since: datetime | None, before: int | None) -> list[dict[str, Any]]:
    query = EVENTS_QUERY.where(EVENT.ticket_id == ticket_id)
    if since:
        query = query.where(EVENT.at >= since)
    if before:
        query = query.where(EVENT.at < select(MESSAGE.at).where(MESSAGE.id == before).scalar_subquery())
    return _told(uow, query)


def _told(uow: UnitOfWork, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    found = uow.session.connection().execute(query, {"kinds": uow.runtime.events.on_timeline()}).all()
    mentioned = {event.seq: _mentioned(uow, event) for event in found}
    names = _names(uow.session, found, set().union(*mentioned.values()))
    return [event_item(event, names, mentioned[event.seq]) for event in found]


def _names(session: Session, events: Sequence[Event | Row[*tuple[Any, ...]]], mentioned: set[int]) -> dict[int, str]:
    """Names of who acted and of who is mentioned, in one query."""
    ids = mentioned | {int(e.actor[5:]) for e in events if e.actor.startswith("user:")}
    return dict(session.connection().execute(NAMES_QUERY, {"ids": ids}).all()) if ids else {}


def event_item(event: Event | Row[*tuple[Any, ...]], names: dict[int, str], mentioned: set[int]) -> dict[str, Any]:
    """An event as plain data with the names it needs."""
    actor = names.get(int(event.actor[5:]), "") if event.actor.startswith("user:") else ""
    return {
        "is": "event",
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "actor_name": actor,
        "data": event.data,
        "names": {i: names.get(i, "") for i in mentioned},
    }


def _mentioned(uow: UnitOfWork, event: Event | Row[*tuple[Any, ...]]) -> set[int]:
    sides = (event.data.get("before") or {}, event.data.get("after") or {})
    return {side["assignee"] for side in sides if side.get("assignee")} | users_in(
        uow.runtime.events.get(event.kind), event.data
    )


def message_item(message: Message) -> dict[str, Any]:
    """A message as plain data, with its files and how its delivery stands."""
    own = message.account
    account = {"id": own.id, "name": own.name, "channel": own.channel} if own else None
    item = _item(message, _delivery(message.delivery) if message.delivery else None, message.files, account)
    return item | {"external_ids": [known.external_id for known in message.external_ids]}


def delivery_item(delivery: Delivery) -> dict[str, Any]:
    """A delivery as plain data."""
    return _delivery(delivery)


def _delivery(row: Delivery | Row[*tuple[Any, ...]], prefix: str = "") -> dict[str, Any]:
    return {name: getattr(row, prefix + name) for name in DELIVERY}


def _account(row: Row[*tuple[Any, ...]]) -> dict[str, Any] | None:
    return row.account_id and {"id": row.account_id, "name": row.account_name, "channel": row.account_channel}


def _item(
    message: Message | Row[*tuple[Any, ...]],
    delivery: dict[str, Any] | None,
    files: Iterable[Attachment | Row[*tuple[Any, ...]]],
    account: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "is": "message",
        "id": message.id,
        "ticket_id": message.ticket_id,
        "kind": message.kind,
        "at": message.at,
        "author": message.author,
        "address": message.address,
        "user_id": message.user_id,
        "customer_id": message.customer_id,
        "text": message.text,
        "quoted": message.quoted,
        "html": message.html,
        "account": account,
        "form": message.form,
        "visibility": message.visibility,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
        "reactions": message.reactions,
        "automatic": message.automatic,
        "unverified": message.unverified,
        "details": message.details or {},
        "raw_message_id": message.raw_message_id,
        "files": [{name: getattr(f, name) for name in FILE} for f in files],
        "delivery": delivery,
    }
