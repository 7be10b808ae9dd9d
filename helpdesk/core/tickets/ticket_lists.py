"""Lists of tickets: views, keyset pages, capped counters, and the plain row that pages and live updates share."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, literal_column, select, text, tuple_, union_all

from helpdesk.core.database.columns import STATUSES
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Queue, User
from helpdesk.core.sla.order import target_of
from helpdesk.core.text import by_name

from . import counters
from .models import Ticket
from .simulated import REAL
from .visibility import visible

CAP = 1000  # counters stop here: "999+"
VIEWS = ("mine", "unassigned", "waiting", "all", "queue", "snoozed", "solved", "simulated")
LONGEST = 200  # the most rows of one page
LONGEST_CURSOR = 200  # characters
WALKS = 400  # queues of one query; SQLite puts at most 500 together
NEWEST = ("solved", "listed", "simulated")
ORDERS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(VIEWS, (Ticket.target_at, Ticket.id)),
    **dict.fromkeys(NEWEST, (Ticket.id,)),
    "snoozed": (Ticket.snoozed_until, Ticket.id),
}
FACTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "status": lambda status: Ticket.status == status,
    "assignee": lambda user: Ticket.assignee_id == user,
    "nobody": lambda _yes: Ticket.assignee_id.is_(None),
}


@dataclass
class Page:
    """``items`` are rows; ``next`` is the cursor of the page after, or None at the end."""

    items: list[dict[str, Any]]
    next: str | None = None


def page(uow: UnitOfWork, view: str, queue_id: int | None = None, after: str | None = None, limit: int = 50) -> Page:
    """One page of a view, nearest promise first (snoozed: nearest return, solved: newest first)."""
    uow.actor.must("tickets.read")
    if view not in VIEWS:
        raise NotFound()
    queues = [] if view == "mine" else _queues_of(uow, queue_id if view == "queue" else None)
    return _walked(uow, view, queues, view in ("mine", "snoozed", "simulated"), {}, after, limit)


def _queues_of(uow: UnitOfWork, queue_id: int | None) -> list[int]:
    if queue_id is None:
        return sorted(uow.actor.queues)
    if queue_id not in uow.actor.queues:
        raise NotFound()
    return [queue_id]


def keyset_page(uow: UnitOfWork, where: ColumnElement[bool], after: str | None, limit: int) -> Page:
    """A page of the tickets under any condition, newest first."""
    limit = max(1, min(limit, LONGEST))
    walk = select(Ticket.__table__.c.id).where(where).order_by(Ticket.id.desc()).limit(limit + 1)
    if after:
        walk = walk.where(Ticket.id < read_cursor(after, 1)[0])
    return _page_of(uow, list(uow.session.connection().execute(walk)), limit)


def _walked(
    uow: UnitOfWork, view: str, queues: list[int], own: bool, facts: dict[str, Any], after: str | None, limit: int
) -> Page:
    """A page of these queues and, with ``own``, of what else is given to the actor."""
    limit = max(1, min(limit, LONGEST))
    cursor = read_cursor(after, len(ORDERS[view])) if after else []
    given = facts | {"me": uow.actor.user_id, "queues": queues, "most": limit + 1}
    given |= {f"after_{place}": value for place, value in enumerate(cursor)}
    found: list[Any] = []
    for start in range(0, max(1, len(queues)), WALKS):
        some = queues[start : start + WALKS]
        walks = walks_of(view, tuple(sorted(facts)), len(some), own and not start, bool(cursor))
        if walks is not None:
            given |= {f"queue_{place}": queue for place, queue in enumerate(some)}
            found += uow.session.connection().execute(walks, given)
    return _page_of(uow, sorted(found, reverse=view in NEWEST) if len(queues) > WALKS else found, limit)


def _page_of(uow: UnitOfWork, found: list[Any], limit: int) -> Page:
    """The rows of what was found, (order, …, id) each, and the way on when there was one more."""
    items = rows(uow, [each[-1] for each in found[:limit]])
    return Page(items, write_cursor(list(found[limit - 1])) if len(found) > limit else None)


@lru_cache(maxsize=500)
def walks_of(view: str, facts: tuple[str, ...], queues: int, own: bool, paged: bool) -> Any:
    """The ids of a view, each after what it is ordered by: one walk along an index for each of so many queues, and one
    for what is given to ``me`` elsewhere; the database merges them as far as a page goes. Built once for all who have
    as many queues.
    """
    columns = [Ticket.__table__.c[key.key] for key in ORDERS[view]]
    places = [Ticket.queue_id == bindparam(f"queue_{place}") for place in range(queues)]
    if own:
        elsewhere = Ticket.queue_id.not_in(bindparam("queues", expanding=True))
        places.append(and_(Ticket.assignee_id == bindparam("me"), elsewhere) if view != "mine" else _mine())
    where = [
        *_conditions(view),
        *(FACTS[fact](bindparam(fact)) for fact in facts),
        *([_beyond(view, columns)] if paged else []),
    ]
    walks = [select(*columns).where(place, *where) for place in places]
    if not walks:
        return None
    order = [column.desc() if view in NEWEST else column for column in columns]
    if len(walks) == 1:
        return walks[0].order_by(*order).limit(bindparam("most"))
    names = [text(f"{place + 1}{' DESC' * (view in NEWEST)}") for place in range(len(columns))]
    return union_all(*walks).order_by(*names).limit(bindparam("most"))


def _mine() -> ColumnElement[bool]:
    return Ticket.assignee_id == bindparam("me")


def _conditions(view: str) -> list[ColumnElement[bool]]:
    """The conditions of a view, shaped so that one partial index answers it in order."""
    if view == "listed":
        return [Ticket.merged_into_id.is_(None), REAL]
    if view == "snoozed":
        return [Ticket.snoozed_until.is_not(None), REAL]
    if view == "solved":
        return [Ticket.status == "solved", REAL]
    if view == "simulated":
        return [Ticket.simulated.expression]
    also: dict[str, list[ColumnElement[bool]]] = {
        "unassigned": [Ticket.assignee_id.is_(None)],
        "waiting": [Ticket.status == literal_column("'waiting'")],
    }
    return [Ticket.active.expression, *also.get(view, [])]


def _beyond(view: str, columns: list[Any]) -> ColumnElement[bool]:
    after = [bindparam(f"after_{place}", type_=column.type) for place, column in enumerate(columns)]
    here, there = (columns[0], after[0]) if len(columns) == 1 else (tuple_(*columns), tuple_(*after))
    return here < there if view in NEWEST else here > there


ROWS_QUERY = (
    select(
        *Ticket.__table__.c,
        Queue.__table__.c.name.label("queue"),
        Customer.__table__.c.name.label("customer"),
        User.__table__.c.name.label("assignee"),
    )
    .join_from(Ticket.__table__, Queue.__table__)
    .join(Customer.__table__, Customer.__table__.c.id == Ticket.__table__.c.customer_id)
    .outerjoin(User.__table__, User.__table__.c.id == Ticket.__table__.c.assignee_id)
    .where(Ticket.__table__.c.id.in_(bindparam("ids", expanding=True)))
)


def _read(uow: UnitOfWork, ids: list[int]) -> list[Row[*tuple[Any, ...]]]:
    """What a row shows of these tickets, in this order; past the ORM, which would take most of a list's time."""
    uow.session.flush()
    found = {each.id: each for each in uow.session.connection().execute(ROWS_QUERY, {"ids": ids})}
    return [found[i] for i in ids if i in found]


def rows(uow: UnitOfWork, ids: list[int]) -> list[dict[str, Any]]:
    """Rows of these tickets, in this order; who may see them is the caller's to ask."""
    return [_plain(each, each.queue, each.customer, each.assignee) for each in _read(uow, ids)]


def row(ticket: Ticket) -> dict[str, Any]:
    """A ticket as plain data, the same for everybody who may see it: ids, texts, UTC times."""
    return _plain(ticket, ticket.queue.name, ticket.customer.name, ticket.assignee.name if ticket.assignee else None)


def _plain(ticket: Ticket | Row[*tuple[Any, ...]], queue: str, customer: str, assignee: str | None) -> dict[str, Any]:
    target = target_of(ticket.target_at)
    return {
        "id": ticket.id,
        "number": ticket.id,
        "subject": ticket.subject,
        "preview": ticket.preview,
        "status": ticket.status,
        "priority": ticket.priority,
        "queue": {"id": ticket.queue_id, "name": queue},
        "assignee": {"id": ticket.assignee_id, "name": assignee} if ticket.assignee_id else None,
        "customer": {"id": ticket.customer_id, "name": customer},
        "channel": ticket.channel,
        "target_at": target and target.isoformat(),
        "order_at": ticket.target_at.isoformat(),
        "created_at": ticket.created_at.isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
        "unread": ticket.unread,
        "tags": list(ticket.tags or []),
        "snoozed_until": ticket.snoozed_until and ticket.snoozed_until.isoformat(),
        "merged_into": ticket.merged_into_id,
        "last_message": ticket.last_message_id,
        "simulated": ticket.simulated,
    }


def listed(
    uow: UnitOfWork,
    *,
    status: str | None = None,
    queue: int | None = None,
    assignee: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Tickets by their facts, newest first: what the API lists. Merged ones are left out; ``assignee`` 0 is nobody."""
    actor = uow.actor
    actor.must("tickets.read")
    facts = _known_facts(status, assignee)
    if queue is None and (assignee or actor.user_id is None):
        found = [visible(actor), Ticket.merged_into_id.is_(None), REAL, *having(uow, status=status, assignee=assignee)]
        return keyset_page(uow, and_(*found), after, limit)
    own = queue is None and not actor.may("all queues")
    return _walked(uow, "listed", _queues_of(uow, queue), own, facts, after, limit)


def having(
    uow: UnitOfWork, *, status: str | None = None, queue: int | None = None, assignee: int | None = None
) -> list[ColumnElement[bool]]:
    """The conditions of these facts; NotFound for a queue that is not the actor's. ``assignee`` 0 is nobody."""
    given = _known_facts(status, assignee)
    conditions = [FACTS[fact](value) for fact, value in given.items()]
    return conditions if queue is None else [*conditions, Ticket.queue_id == _queues_of(uow, queue)[0]]


def _known_facts(status: str | None, assignee: int | None) -> dict[str, Any]:
    if status is not None and status not in STATUSES:
        raise Invalid(
            _("There is no status named %(value)s."), {"status": _("Please choose one of the list.")}, value=status
        )
    given: dict[str, Any] = {"status": status} if status else {}
    return given | ({} if assignee is None else {"assignee": assignee} if assignee else {"nobody": True})


def counts(uow: UnitOfWork) -> dict[str, Any]:
    """How many active tickets stand in each view and queue, up to ``CAP``; kept by the database, never counted."""
    actor = uow.actor
    actor.must("tickets.read")
    found = counters.kept(uow, actor.queues, actor.user_id)
    own = found.pop((counters.USER, actor.user_id or 0), None)
    every, unassigned, waiting = (
        min(CAP, sum(getattr(row, name) for row in found.values())) for name in ("active", "unassigned", "waiting")
    )
    queues = dict.fromkeys(sorted(actor.queues), 0) | {row.id: min(CAP, row.active) for row in found.values()}
    mine = min(CAP, own.active) if own else 0
    return {"mine": mine, "unassigned": unassigned, "waiting": waiting, "all": every, "queues": queues}


def queues(uow: UnitOfWork) -> list[Row[*tuple[Any, ...]]]:
    """The acting user's queues (id, name, time to answer), by name."""
    uow.actor.must("tickets.read")
    return by_name(uow.session.connection().execute(QUEUES_QUERY, {"ids": uow.actor.queues}))


QUEUES_QUERY = select(Queue.__table__).where(Queue.__table__.c.id.in_(bindparam("ids", expanding=True)))


# Cursors ----------------------------------------------------------------------------------------------------------


def write_cursor(values: list[Any]) -> str:
    """A cursor that holds these values."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_cursor(cursor: str, size: int) -> list[Any]:
    """The values in a cursor of ours, a number last and a moment before it when it has two; Invalid for anything
    else.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4)))
        if isinstance(values, list) and len(values) == size and type(values[-1]) is int and 0 <= values[-1] < 2**63:
            return [*(datetime.fromisoformat(moment).astimezone(UTC) for moment in values[:-1]), values[-1]]
    except (ValueError, TypeError, OverflowError):
        pass
    raise Invalid(
        _("This page cursor is not one of ours; start again without it."), {"cursor": _("Not a cursor of ours.")}
    )
