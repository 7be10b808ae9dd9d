"""Offering a call-back to a caller who waits too long: the desk finds out by the clock and tells the telephone system,
which announces it; who wants one keeps their place in the line.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from helpdesk.api import accounts, customers, events, jobs, tables
from helpdesk.api.channels import Address
from helpdesk.api.errors import HelpdeskError, _
from helpdesk.api.events import DomainEvent
from helpdesk.api.jobs import JobKind, Running
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from . import call_backs, calls, dialling, promise
from .call_backs import Wish
from .call_events import WANTED
from .calls import Call

WAITS = ("ringing", "waiting")
log = logging.getLogger("hamdel.phone")


@dataclass(frozen=True, kw_only=True)
class CallBackOffered(
    DomainEvent, kind="phone.call_back_offered", label=_("A caller is offered a call-back"), icon="call"
):
    """``call_id`` is how the telephone system of ``account`` knows the call: it announces the offer."""

    ticket_id: int | None = None
    account: int
    call_id: str


def went_on(uow: UnitOfWork, call: Call) -> None:
    """After an event of a call: look again when its caller has waited too long, or promise what they asked for."""
    if call.state in WAITS and call.number and call.offered_at is None:
        limit = timedelta(seconds=int(accounts.get(uow, call.account_id).settings["offer_after"]))
        jobs.add(uow, OFFER, {"call": call.id}, key=str(call.id), at=call.began_at + limit)
    elif call.state == WANTED and call.number and call.ticket_id is not None:
        _promise(uow, call)


def offer(uow: UnitOfWork, job: Running) -> None:
    """Offer it, once, to whoever still waits."""
    call = uow.session.get(Call, job.args["call"], populate_existing=True)
    if call is None or call.state not in WAITS or call.offered_at is not None:
        return
    if call_backs.waits(uow, call.number):
        return
    said = CallBackOffered(ticket_id=call.ticket_id, account=call.account_id, call_id=call.call_id)
    apply(uow, [Step(tables.update, Call, Call.id == call.id, offered_at=uow.clock()), Step(events.record, said)])
    account_id, call_id, number = call.account_id, call.call_id, call.number
    try:
        dialling.announce(uow, account_id, call_id, number)
    except HelpdeskError as problem:  # agents see that the caller waits, and can promise a call
        log.warning("the offer to the caller of %s was not announced: %s", call_id, problem.sentence)


OFFER = JobKind("phone.offer", run=offer, label=_("Offer call-backs to callers who wait"), tries=3)


def _promise(uow: UnitOfWork, call: Call) -> None:
    """A call-back on the caller's own ticket, for which they stand in the line since they called."""
    key, account = f"line-{call.id}", accounts.get(uow, call.account_id)
    if uow.session.get(call_backs.CallBack, key) is None:
        customers.allow_again(uow, "phone", Address("phone", call.number))
    wish = Wish(
        account,
        call.number,
        ticket_id=call.ticket_id,
        language=call.language,
        zone=str(account.settings["zone"]),
        source="line",
        since=call.began_at,
    )
    row = call_backs.ask_once(uow, wish, key)
    if row is None:  # the call they are promised already is the one they want; nobody comes back to this wish
        tables.update(uow, Call, Call.id == call.id, state="ended")
    elif row.state == "asked":
        promise.file_or_fail(uow, row, call.ticket_id)


def hand_over_again(uow: UnitOfWork) -> None:
    """Calls whose wish was not kept because a process died in between."""
    query = select(Call).where(Call.state == WANTED, Call.number != "", Call.ticket_id.is_not(None))
    recent = query.where(Call.state_at > uow.clock() - timedelta(hours=1)).limit(100)
    for call in uow.session.scalars(recent).all():
        if uow.session.get(call_backs.CallBack, f"line-{call.id}") is None:
            _promise(uow, calls.again(uow, call.id))
