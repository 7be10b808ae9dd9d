"""Lists of tickets: views, keyset pages, capped counters, and the plain row that pages and live updates share."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.core.database.columns import STATUSES
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Queue, User
from helpdesk.core.sla.order import target_of
from helpdesk.core.text import by_name

from .models import Ticket
from .visibility import visible

CAP = 1000  # counters stop here: "999+"
VIEWS = ("mine", "unassigned", "waiting", "all", "queue", "snoozed", "solved")
LONGEST = 200  # the most rows of one page
LONGEST_CURSOR = 200  # characters


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
    if view == "snoozed":
        places = [
            *(Ticket.queue_id == queue for queue in sorted(uow.actor.queues)),
            Ticket.assignee_id == uow.actor.user_id,
        ]
        groups = [and_(Ticket.snoozed_until.is_not(None), place) for place in places]
        return keyset_page(uow, groups, (Ticket.snoozed_until, Ticket.id), after, limit)
    if view == "mine":
        groups = [and_(Ticket.active, Ticket.assignee_id == uow.actor.user_id)]
    else:
        groups = [_within(view, queue) for queue in _queues_of(uow, queue_id if view == "queue" else None)]
    if view == "solved":
        return keyset_page(uow, groups, (Ticket.id,), after, limit, newest=True)
    return keyset_page(uow, groups, (Ticket.target_at, Ticket.id), after, limit)


def _queues_of(uow: UnitOfWork, queue_id: int | None) -> list[int]:
    if queue_id is None:
        return sorted(uow.actor.queues)
    if queue_id not in uow.actor.queues:
        raise NotFound()
    return [queue_id]


def _within(view: str, queue_id: Any) -> ColumnElement[bool]:
    """The condition of a view in one queue, shaped so that one partial index answers it in order."""
    if view == "solved":
        return and_(Ticket.queue_id == queue_id, Ticket.status == "solved")
    conditions = [Ticket.active, Ticket.queue_id == queue_id]
    if view == "unassigned":
        conditions.append(Ticket.assignee_id.is_(None))
    if view == "waiting":
        conditions.append(Ticket.status == literal_column("'waiting'"))
    return and_(*conditions)


def keyset_page(
    uow: UnitOfWork, groups: list[Any], keys: tuple[Any, ...], after: str | None, limit: int, newest: bool = False
) -> Page:
    """Merge the first rows of each group: every group is one index walk, however many queues there are."""
    limit = max(1, min(limit, LONGEST))
    if not groups:
        return Page([])
    columns = [Ticket.__table__.c[key.key] for key in keys]
    beyond = [_beyond(columns, after, newest)] if after else []
    walks = [_first(columns, (group, *beyond), newest, limit + 1) for group in groups]
    ids = list(uow.session.connection().scalars(walks[0] if len(walks) == 1 else _merged(walks, newest, limit + 1)))
    found = _read(uow, ids[:limit])
    more = len(ids) > limit
    return Page(
        [_plain(each, each.queue, each.customer, each.assignee) for each in found],
        _cursor(found[-1], keys) if more and found else None,
    )


def _first(columns: list[Any], where: tuple[Any, ...], newest: bool, limit: int) -> Select[*tuple[Any, ...]]:
    """The ids of the first tickets in the order of these columns, of which the last is the id."""
    order = [column.desc() for column in columns] if newest else columns
    return select(*columns[::-1]).where(*where).order_by(*order).limit(limit)


def _merged(walks: list[Select[*tuple[Any, ...]]], newest: bool, limit: int) -> Select[*tuple[Any, ...]]:
    """The first of all walks; a ticket that stands in two places once."""
    found = union(*(select(walk.subquery()) for walk in walks)).subquery()
    columns = list(found.c)[::-1]
    order = [column.desc() for column in columns] if newest else columns
    return select(found.c.id).order_by(*order).limit(limit)


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
    uow.actor.must("tickets.read")
    conditions = [Ticket.merged_into_id.is_(None), *having(uow, status=status, assignee=assignee)]
    groups = [and_(place, *conditions) for place in _places(uow, queue, assignee)]
    return keyset_page(uow, groups, (Ticket.id,), after, limit, newest=True)


def having(
    uow: UnitOfWork, *, status: str | None = None, queue: int | None = None, assignee: int | None = None
) -> list[ColumnElement[bool]]:
    """The conditions of these facts; NotFound for a queue that is not the actor's. ``assignee`` 0 is nobody."""
    if status is not None and status not in STATUSES:
        raise Invalid(
            _("There is no status named %(value)s."), {"status": _("Please choose one of the list.")}, value=status
        )
    conditions = [Ticket.status == status] if status else []
    if queue is not None:
        conditions.append(Ticket.queue_id == _queues_of(uow, queue)[0])
    if assignee is not None:
        conditions.append(Ticket.assignee_id == assignee if assignee else Ticket.assignee_id.is_(None))
    return conditions


def _places(uow: UnitOfWork, queue: int | None, assignee: int | None) -> list[ColumnElement[bool]]:
    """Where the actor's tickets are, each place one index walk: their queues, and what is given to them in any
    queue.
    """
    actor = uow.actor
    if queue is None and (assignee or actor.user_id is None):
        return [visible(actor)]
    places = [Ticket.queue_id == q for q in _queues_of(uow, queue)]
    if queue is None and not actor.may("all queues"):
        places.append(Ticket.assignee_id == actor.user_id)
    return places


def counts(uow: UnitOfWork) -> dict[str, Any]:
    """How many active tickets stand in each view and queue, counted up to ``CAP``."""
    actor = uow.actor
    actor.must("tickets.read")
    ids = sorted(actor.queues)
    connection = uow.session.connection()
    mine = connection.scalar(_of_assignee(CAP), {"user": actor.user_id})
    found = {n: at for n, *at in connection.execute(_by_queue(CAP), {"ids": ids})}
    every, unassigned, waiting = (min(CAP, sum(at[place] for at in found.values())) for place in range(3))
    queues = {n: found[n][0] for n in ids if n in found}
    return {"mine": mine, "unassigned": unassigned, "waiting": waiting, "all": every, "queues": queues}


@cache
def _by_queue(cap: int) -> Select[*tuple[Any, ...]]:
    """For each queue: how many are active, how many of them with nobody, how many that wait for the customer."""
    counted = (_counted(cap, _within(view, Queue.id)) for view in ("queue", "unassigned", "waiting"))
    return select(Queue.id, *counted).where(Queue.id.in_(bindparam("ids", expanding=True)))


@cache
def _of_assignee(cap: int) -> Select[*tuple[Any, ...]]:
    return select(_counted(cap, Ticket.active, Ticket.assignee_id == bindparam("user")))


def _counted(cap: int, *where: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ScalarSelect[int]:
    some = select(Ticket.id).where(*where).limit(cap).correlate(Queue).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def queues(uow: UnitOfWork) -> list[Row[*tuple[Any, ...]]]:
    """The acting user's queues (id, name, time to answer), by name."""
    uow.actor.must("tickets.read")
    return by_name(uow.session.connection().execute(QUEUES_QUERY, {"ids": uow.actor.queues}))


QUEUES_QUERY = select(Queue.__table__).where(Queue.__table__.c.id.in_(bindparam("ids", expanding=True)))


# Cursors ----------------------------------------------------------------------------------------------------------


def _cursor(ticket: Row[*tuple[Any, ...]], keys: tuple[Any, ...]) -> str:
    return write_cursor([getattr(ticket, key.key) for key in keys])


def write_cursor(values: list[Any]) -> str:
    """A cursor that holds these values."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _beyond(keys: list[Any], cursor: str, newest: bool) -> ColumnElement[bool]:
    values = read_cursor(cursor, len(keys))
    *first, last = values
    further: ColumnElement[bool] = keys[-1] < last if newest else keys[-1] > last
    if not first:
        return further
    return or_(keys[0] > first[0], and_(keys[0] == first[0], further))


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
