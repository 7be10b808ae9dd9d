"""The calls of the desk's telephone lines: their events as they came, in any order and number, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import messages, tables
from helpdesk.api.channels import AccountView, Inbound
from helpdesk.api.i18n import LOCALES, gettext, reading
from helpdesk.api.tables import base, key, reference
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from . import wording
from .call_events import ASKED, EVENTS, WANTED

Base = base("phone")
OLD = timedelta(hours=12)  # after which a call without an end is none of now
LIVE = ("ringing", "waiting", "answered", "held", "transferred")
OVER = ("ended", "missed", "voicemail", WANTED)
TALKED = ("answered", "held", "transferred")


class Event(Base):
    """One event of a call, once."""

    __tablename__ = "phone_event"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    event: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(200))
    seconds: Mapped[int]
    recording: Mapped[str] = mapped_column(String(2000))


class Call(Base):
    """A call as its events leave it. ``told`` is what its message says; ``message_id`` None: it is not filed yet.

    ``outgoing``: the desk made it, for the message by hand ``message_id``. ``offered_at``: since when its caller is
    offered a call-back.
    """

    __tablename__ = "phone_call"
    __table_args__ = (UniqueConstraint("account_id", "call_id"),)
    id: Mapped[int] = key()
    account_id: Mapped[int]
    call_id: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(40))
    line: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(20), index=True)
    agent: Mapped[str] = mapped_column(String(200))
    seconds: Mapped[int]
    recording: Mapped[str] = mapped_column(String(2000))
    began_at: Mapped[datetime]
    state_at: Mapped[datetime]
    outgoing: Mapped[bool]
    offered_at: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = reference("ticket", ondelete="CASCADE", index=True)
    message_id: Mapped[int | None] = reference("message", ondelete="CASCADE", index=True)


@dataclass(frozen=True)
class Folded:
    """What all events of a call say together."""

    state: str
    agent: str
    seconds: int
    recording: str
    began_at: datetime
    state_at: datetime


def fold(events: Sequence[Any]) -> Folded:
    """The state of a call from its events in whatever order: what ended it counts most, then the latest one."""
    ordered = sorted(events, key=lambda event: (event.at, EVENTS.index(event.event)))
    over = [event for event in ordered if event.event in OVER]
    last = max(over, key=lambda event: OVER.index(event.event)) if over else ordered[-1]
    talked = was_answered(events)
    if talked and over:  # whoever spoke with somebody did not call in vain
        last = next((event for event in over if event.event == "ended"), over[-1])
    state = "ended" if talked and over else last.event
    agents = [event.agent for event in ordered if event.agent]
    return Folded(
        state,
        agent=agents[-1] if agents else "",
        seconds=max(event.seconds for event in ordered),
        recording=next((event.recording for event in reversed(ordered) if event.recording), ""),
        began_at=ordered[0].at,
        state_at=last.at,
    )


def was_answered(events: Sequence[Any]) -> bool:
    """True when somebody spoke with somebody."""
    return any(event.event in TALKED for event in events)


def heard(inbound: Inbound, account: AccountView, tell: Callable[[UnitOfWork, Call], None]) -> Inbound | None:
    """Enter the event that this message tells, and let the message say what the call has become; ``tell`` hears of a
    call that is filed already.
    """
    said = inbound.details.get("call")
    if not said:
        return _worded(inbound, account)
    event = {"account_id": account.id, "call_id": said["id"][:200], "event": said["event"]}
    event |= {"at": datetime.fromisoformat(said["at"]), "agent": said["agent"], "seconds": said.get("seconds", 0)}
    with work(plugin_actor("phone")) as uow:
        tables.insert_new(uow, Event, **event, recording=said.get("recording", ""))
        keys = {"account_id": account.id, "call_id": event["call_id"]}
        given = {"number": inbound.sender.value, "line": said["line"], "language": account.settings["language"]}
        folded = fold(events_of(uow, account.id, event["call_id"]))
        tables.insert_new(uow, Call, **keys, **given, **vars(folded), outgoing=False, offered_at=None)
        tables.update(uow, Call, Call.account_id == account.id, Call.call_id == event["call_id"], **vars(folded))
        call = uow.session.scalar(select(Call).filter_by(**keys))
        if call is not None:
            if follow(uow, call):
                tell(uow, call)
            inbound.text, parts = told(call), wording.parts(call.state, call.agent, call.seconds)
            inbound.details = {**inbound.details, "told": parts}
    inbound.details = {**inbound.details, "call": {"id": said["id"]}}
    return inbound


def _worded(inbound: Inbound, account: AccountView) -> Inbound | None:
    """What the desk says of a voice message, or of a wish without words; search finds it in the line's language."""
    plain = {wording.VOICEMAIL, wording.FIRST[ASKED]}
    if inbound.form != "call" or inbound.text not in plain:
        return None
    inbound.details = {**inbound.details, "told": [inbound.text]}
    with reading(LOCALES[account.settings["language"]]):
        inbound.text = gettext(inbound.text)
    return inbound


def events_of(uow: UnitOfWork, account_id: int, call_id: str) -> Sequence[Event]:
    """The events of a call, in no order."""
    return uow.session.scalars(select(Event).where(Event.account_id == account_id, Event.call_id == call_id)).all()


def told(call: Call) -> str:
    """What the message of a call says where no reader is known: in the language of its line."""
    with reading(LOCALES[call.language]):
        return wording.told(call.state, call.agent, call.seconds)


def follow(uow: UnitOfWork, call: Call) -> bool:
    """Bring the message of a call up to date; False while it is not filed."""
    if call.message_id is None:
        message = messages.known_as(uow, call.account_id, call.call_id)
        if message is None:
            return False
        known = {"message_id": message.id, "ticket_id": message.ticket_id}
        tables.update(uow, Call, Call.id == call.id, **known)
        call = again(uow, call.id)
    messages.go_on(uow, call.message_id or 0, told(call), wording.parts(call.state, call.agent, call.seconds))
    return True


def follow_filed(uow: UnitOfWork) -> list[Call]:
    """Find the messages of calls that were filed since, and bring them up to date; returns those calls."""
    waiting = uow.session.scalars(
        select(Call).where(Call.message_id.is_(None), Call.outgoing.is_(False)).order_by(Call.id.desc()).limit(50)
    ).all()
    found = [call.id for call in waiting if follow(uow, call)]
    return [again(uow, call_id) for call_id in found]


def again(uow: UnitOfWork, call_id: int) -> Call:
    """A call as it is now."""
    return uow.session.get_one(Call, call_id, populate_existing=True)


def live(uow: UnitOfWork) -> list[Call]:
    """The calls that ring, wait or are spoken on, oldest first."""
    query = select(Call).where(Call.state.in_(LIVE), Call.began_at > uow.clock() - OLD)
    return list(uow.session.scalars(query.order_by(Call.began_at).limit(200)))


def of_ticket(uow: UnitOfWork, ticket_id: int) -> list[Call]:
    """The calls of a ticket, newest first."""
    query = select(Call).where(Call.ticket_id == ticket_id).order_by(Call.began_at.desc()).limit(20)
    return list(uow.session.scalars(query))
