"""What is done by the clock, and what the plugin keeps of customers: told, erased, taken along when tickets merge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from helpdesk.api import customers, messages, tables
from helpdesk.api.errors import _
from helpdesk.api.jobs import Every, JobKind, Running
from helpdesk.api.work import UnitOfWork

from . import limits, offering, promise
from .call_backs import CallBack
from .calls import Call, Event

MANY = 1000  # rows of one customer that are told


def keep(uow: UnitOfWork, job: Running) -> None:
    """Bring in what was broken off, and forget the counts of days ago."""
    promise.hand_over_again(uow)
    offering.hand_over_again(uow)
    limits.forget(uow)


KEEP = JobKind("phone.keep", run=keep, label=_("Look after call-backs"), schedule=Every(timedelta(minutes=1)))


def merged(uow: UnitOfWork, ticket_id: int) -> None:
    """Calls and call-backs go to the ticket to which their messages went."""
    for kind, key in ((Call, Call.id), (CallBack, CallBack.key)):
        query = select(kind).where(kind.ticket_id == ticket_id, kind.message_id.is_not(None)).limit(MANY)
        for row in uow.session.scalars(query).all():
            now = messages.get(uow, row.message_id).ticket_id
            if now != row.ticket_id:
                own = row.id if kind is Call else row.key
                tables.update(uow, kind, key == own, ticket_id=now)


def export(uow: UnitOfWork, customer_id: int) -> list[Any]:
    """The calls and call-backs of a customer."""
    calls = uow.session.scalars(select(Call).where(_theirs(uow, Call, customer_id)).limit(MANY))
    wishes = uow.session.scalars(select(CallBack).where(_theirs(uow, CallBack, customer_id)).limit(MANY))
    told = [{"call": row.number, "state": row.state, "at": row.began_at.isoformat()} for row in calls]
    return told + [
        {"call_back": row.number, "state": row.state, "at": row.created_at.isoformat(), "about": row.words}
        for row in wishes
    ]


def erase(uow: UnitOfWork, customer_id: int) -> None:
    """Delete them."""
    for call in uow.session.scalars(select(Call).where(_theirs(uow, Call, customer_id))).all():
        tables.delete(uow, Event, Event.account_id == call.account_id, Event.call_id == call.call_id)
    for kind in (Call, CallBack):
        tables.delete(uow, kind, _theirs(uow, kind, customer_id))


def _theirs(uow: UnitOfWork, kind: type[Call] | type[CallBack], customer_id: int) -> ColumnElement[bool]:
    """What is on the customer's tickets, and what is of their numbers; a number they only claim is another's."""
    identities = customers.get(uow, customer_id).identities
    claimed = [one.address for one in identities if one.kind == "phone"]
    numbers = [number for number in claimed if customers.owner_of(uow.session, "phone", number) == customer_id]
    ids = customers.ticket_ids(uow, customer_id)
    return or_(kind.ticket_id.in_(ids), kind.number.in_(numbers))
