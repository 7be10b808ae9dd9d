"""Calls that the desk makes: begun from a call-back, each with a state of its own from its events."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from helpdesk.api import events, tables
from helpdesk.api.channels import AccountView, Report
from helpdesk.api.errors import _
from helpdesk.api.events import DomainEvent
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from . import calls
from .call_backs import OPEN, CallBack
from .calls import OVER, Call, Event

BEGUN = timedelta(minutes=10)  # within which a call without a known id is the one that was dialled


@dataclass(frozen=True, kw_only=True)
class CallMade(DomainEvent, kind="phone.call_made", label=_("A call of the desk is over"), icon="call"):
    """``talked`` says whether somebody answered, ``seconds`` for how long the call went."""

    ticket_id: int | None = None
    call: int
    talked: bool
    seconds: int


def new_id() -> str:
    """The id by which a telephone system is asked to know a call."""
    return f"hamdel-{secrets.token_hex(8)}"


def begin(uow: UnitOfWork, row: CallBack, call_id: str, device: str, language: str) -> None:
    """Keep a call that a telephone system was asked to make."""
    now = uow.clock()
    given = {"account_id": row.account_id, "call_id": call_id[:200], "number": row.number, "agent": device}
    given |= {"began_at": now, "state_at": now, "ticket_id": row.ticket_id, "message_id": row.message_id}
    given |= {"line": "", "language": language, "seconds": 0, "recording": "", "offered_at": None}
    tables.insert_new(uow, Call, **given, state="dialled", outgoing=True)


def heard(report: Report, account: AccountView, tell: Callable[[UnitOfWork, Call], None]) -> None:
    """Enter an event of a call that the desk made; ``tell`` hears of the call."""
    said = report.details.get("call")
    if not said:
        return
    at, call_id = datetime.fromisoformat(said["at"]), said["id"][:200]
    event = {"account_id": account.id, "call_id": call_id, "event": said["event"], "at": at, "agent": said["agent"]}
    event |= {"seconds": said.get("seconds", 0), "recording": said.get("recording", "")}
    with work(plugin_actor("phone")) as uow:
        tables.insert_new(uow, Event, **event)
        before, told = _dialled(uow, account.id, call_id, said["number"]), calls.events_of(uow, account.id, call_id)
        after = calls.fold(told)
        talked = calls.was_answered(told) or after.seconds > 0
        after = replace(after, state="missed") if after.state == "ended" and not talked else after
        if before is None:
            given = {"number": said["number"], "line": said["line"], "language": account.settings["language"]}
            given |= {"outgoing": True, "offered_at": None, **_of_number(uow, account.id, said["number"])}
            tables.put(uow, Call, {"account_id": account.id, "call_id": call_id}, **given, **vars(after))
        else:
            _go_on(uow, before, call_id, after, talked)
        call = uow.session.scalar(select(Call).filter_by(account_id=account.id, call_id=call_id))
        if call is not None:
            tell(uow, call)


def _go_on(uow: UnitOfWork, call: Call, call_id: str, after: calls.Folded, talked: bool) -> None:
    """The call as it is now; its end is an event of its ticket, once."""
    changed = vars(after) | {"call_id": call_id, "agent": after.agent or call.agent}
    over = after.state in OVER and call.state not in OVER
    said = CallMade(ticket_id=call.ticket_id, call=call.id, talked=talked, seconds=after.seconds)
    steps = [Step(events.record, said)] if over else []
    apply(uow, [Step(tables.update, Call, Call.id == call.id, **changed), *steps])


def _dialled(uow: UnitOfWork, account_id: int, call_id: str, number: str) -> Call | None:
    """The call of this id, else the one dialled lately to this number whose id nobody told."""
    known = uow.session.scalar(select(Call).filter_by(account_id=account_id, call_id=call_id))
    if known is not None or not number:
        return known
    spelled = or_(Call.number == number, Call.number.startswith(f"{number};"))
    query = select(Call).where(Call.account_id == account_id, Call.state == "dialled", spelled)
    query = query.where(Call.began_at > uow.clock() - BEGUN).order_by(Call.began_at.desc()).limit(1)
    return uow.session.scalar(query)


def _of_number(uow: UnitOfWork, account_id: int, number: str) -> dict[str, Any]:
    """Where a call belongs that somebody dialled by hand: to the call-back that waits for this number."""
    query = select(CallBack).where(
        CallBack.number == number, CallBack.state.in_(OPEN), CallBack.account_id == account_id
    )
    row = uow.session.scalar(query.order_by(CallBack.promised_at).limit(1)) if number else None
    return {"ticket_id": row.ticket_id if row else None, "message_id": row.message_id if row else None}


def of_message(uow: UnitOfWork, message_id: int) -> list[Call]:
    """The calls that were made for a message by hand, oldest first."""
    query = select(Call).where(Call.message_id == message_id, Call.outgoing).order_by(Call.began_at).limit(20)
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))
