"""Calls: written when an event happens, listed, replayed, and forgotten after a month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, func, select

from helpdesk.api import customers, tables
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.jobs import Every, JobKind, Running
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from . import endpoints
from .tables import HELD, WAITING, Call, Endpoint

PING = "webhook.ping"
KEPT = timedelta(days=30)
BATCH = 200  # rows of one write
COUNTED = 1000


def write(uow: UnitOfWork, event: Any) -> int:
    """A call for each endpoint that is told of this event of the journal; returns how many are new."""
    now = uow.clock()
    steps = [
        Step(
            tables.insert_new,
            Call,
            **_fresh(row, now),
            seq=event.seq,
            kind=event.kind,
            at=event.at,
            actor=event.actor,
            ticket_id=event.ticket_id,
            message_id=event.message_id,
            data=event.data,
        )
        for row in endpoints.told_of(uow, event.kind)
    ]
    return sum(apply(uow, steps)) if steps else 0


def ping(uow: UnitOfWork, endpoint_id: int) -> int:
    """A test call; returns its id. Conflict while the endpoint is off."""
    row, now = endpoints.get(uow, endpoint_id), uow.clock()
    if not row.active:
        raise Conflict(_("Please switch it on first."))
    tables.update(uow, Endpoint, Endpoint.id == endpoint_id, due_at=now)
    facts = {"kind": PING, "at": now, "actor": f"user:{uow.actor.user_id}", "data": {}}
    return tables.insert(uow, Call, **_fresh(row, now), **facts, seq=None, ticket_id=None, message_id=None)


def _fresh(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    state = WAITING if endpoint.active else HELD
    last = {"tried_at": None, "status": None, "ms": None, "answer": "", "reason": ""}
    return {"endpoint_id": endpoint.id, "state": state, "tries": 0, "due_at": now, **last}


def page(uow: UnitOfWork, endpoint_id: int, *, state: str = "", before: int = 0, limit: int = 50) -> list[Call]:
    """Calls of an endpoint, newest first, those before an id; only of a state when one is named."""
    endpoints.get(uow, endpoint_id)
    query = select(Call).where(Call.endpoint_id == endpoint_id).order_by(Call.id.desc()).limit(limit)
    query = query.where(Call.id < before) if before else query
    query = query.where(Call.state == state) if state else query
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def get(uow: UnitOfWork, call_id: int) -> Call:
    """One call; NotFound when there is none."""
    uow.actor.must(endpoints.MANAGE)
    row = uow.session.get(Call, call_id, populate_existing=True)
    if row is None:
        raise NotFound()
    endpoints.get(uow, row.endpoint_id)
    return row


def count(uow: UnitOfWork, endpoint_id: int, state: str) -> int:
    """How many calls of an endpoint are in a state, counted up to ``COUNTED``."""
    found = select(Call.id).where(Call.endpoint_id == endpoint_id, Call.state == state).limit(COUNTED)
    return uow.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def replay(uow: UnitOfWork, call_id: int) -> None:
    """Send one call again, now."""
    row = get(uow, call_id)
    _on(uow, row.endpoint_id)
    _again(uow, [call_id])


def replay_since(uow: UnitOfWork, endpoint_id: int, since: datetime) -> int:
    """Send all events since a moment again, oldest first; returns how many. What waits already is not doubled."""
    _on(uow, endpoint_id)
    where = (Call.endpoint_id == endpoint_id, Call.at >= since, Call.state != WAITING, Call.seq.is_not(None))
    ids = list(uow.session.scalars(select(Call.id).where(*where).order_by(Call.id)))
    for start in range(0, len(ids), BATCH):
        _again(uow, ids[start : start + BATCH])
    return len(ids)


def _on(uow: UnitOfWork, endpoint_id: int) -> None:
    if not endpoints.get(uow, endpoint_id).active:
        raise Invalid(_("Please switch it on first."))


def _again(uow: UnitOfWork, ids: list[int]) -> None:
    tables.update(uow, Call, Call.id.in_(ids), state=WAITING, tries=0, due_at=uow.clock())


def forget(uow: UnitOfWork, job: Running | None = None) -> None:
    """Delete what is older than a month, and endpoints that were deleted with what they were told."""
    gone = list(uow.session.scalars(select(Endpoint.id).where(Endpoint.deleted_at.is_not(None))))
    where = (Call.at < uow.clock() - KEPT) | Call.endpoint_id.in_(gone)
    while ids := list(uow.session.scalars(select(Call.id).where(where).limit(BATCH))):
        tables.delete(uow, Call, Call.id.in_(ids))
    if gone:
        tables.delete(uow, Endpoint, Endpoint.id.in_(gone))


def erase(uow: UnitOfWork, customer_id: int) -> None:
    """Blank what other systems answered about a customer's tickets and card: it may repeat their words."""
    ids = customers.ticket_ids(uow, customer_id)
    for start in range(0, len(ids), BATCH):
        tables.update(uow, Call, Call.ticket_id.in_(ids[start : start + BATCH]), answer="")
    tables.update(uow, Call, cast(Call.data["customer"], Text) == str(customer_id), answer="")


FORGET = JobKind(
    "webhook.forget", forget, label=_("Forget old webhook calls"), schedule=Every(timedelta(hours=1)), catch_up="once"
)
