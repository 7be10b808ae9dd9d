"""One answer to many tickets: each gets a reply of its own, by its own way and in its own commit, from a job that acts
for whoever wrote it. What is left out is named with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marshmallow import fields
from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import jobs, messages, people, tables, tickets, ways
from helpdesk.api.errors import Conflict, HelpdeskError, Invalid, NotFound, TryAgain, Unavailable, _, dump_message
from helpdesk.api.rules import Action, facts
from helpdesk.api.tickets import Step
from helpdesk.api.ways import Way
from helpdesk.api.work import UnitOfWork

from . import personal

MOST = 100  # tickets in one go
LONGEST = 20_000  # characters
KEPT, BUSY = timedelta(days=30), timedelta(hours=1)  # how long it is remembered; how long one waits for the last one
WAITING, DONE, LEFT = "waiting", "done", "left"
PAGE = "/x/social/many"
Base = tables.base("social")


class Many(Base):
    """One text that somebody sent to several tickets; ``private``: also where the customer wrote in public."""

    __tablename__ = "social_many"
    id: Mapped[int] = tables.key()
    user_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    private: Mapped[bool]
    created_at: Mapped[datetime]


class ManyTicket(Base):
    """What became of it on one ticket. ``seen`` is the last message its writer could know; ``reason`` why it was left
    out.
    """

    __tablename__ = "social_many_ticket"
    many_id: Mapped[int] = mapped_column(ForeignKey(Many.id, ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int] = tables.reference("ticket", ondelete="CASCADE", primary_key=True, index=True)
    seen: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)


@dataclass
class Plan:
    """What would become of a text: tickets by the way they would be answered, those left out by the reason, and what of
    it is personal where everybody would read it.
    """

    ways: dict[Way, list[int]] = field(default_factory=dict)
    left: dict[str, list[int]] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many tickets would be answered."""
        return sum(map(len, self.ways.values()))

    @property
    def is_public(self) -> bool:
        """True when everybody would read an answer."""
        return any(way.visibility == "public" for way in self.ways)


def plan(uow: UnitOfWork, ids: Sequence[int], text: str) -> Plan:
    """What would become of this text on these tickets, as far as it can be told before."""
    found = Plan()
    for ticket_id in checked(ids):
        try:
            way = ways.usual(uow, ticket_id)
        except NotFound:
            found.left.setdefault(dump_message(_("They do not exist, or you may not see them.")), []).append(ticket_id)
            continue
        reason = _unfit(way, text)
        (found.left.setdefault(reason, []) if reason else found.ways.setdefault(way, [])).append(ticket_id)
    found.personal = personal.found(text) if found.is_public else []
    return found


def _unfit(way: Way, text: str) -> str:
    most = way.accepts.max_chars
    if way.refusal:
        return dump_message(way.refusal)
    if not way.is_open:
        return dump_message(_("The customer last wrote too long ago: only a template can be sent."))
    if most and len(text) > most:
        sentence = _("%(account)s carries %(most)s characters at most; these are %(given)s.")
        return dump_message(sentence, account=way.account, most=str(most), given=str(len(text)))
    return ""


def checked(ids: Sequence[int]) -> list[int]:
    """The chosen tickets, each once; Invalid for none and for too many."""
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise Invalid(_("Please choose some tickets first."))
    if len(chosen) > MOST:
        raise Invalid(_("Please choose at most %(most)s tickets at once."), most=str(MOST))
    return chosen


def begin(uow: UnitOfWork, ids: Sequence[int], text: str, *, private: bool) -> int:
    """Let a job answer these tickets with one text; returns the id to ask about. Conflict while the last answer to many
    of the same person is on its way.
    """
    uow.actor.must("tickets.write")
    chosen, text = checked(ids), text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Invalid(_("Please write a text of at most %(most)s characters."), most=str(LONGEST))
    user, now = uow.actor.user_id or 0, uow.clock()
    lately = (Many.user_id == user, Many.created_at > now - BUSY)
    mine = select(ManyTicket.ticket_id).join(Many).where(*lately, ManyTicket.state == WAITING)
    if uow.session.scalar(mine.limit(1)) is not None:
        raise Conflict(_("Your last answer to many is still on its way. Please wait for it."))
    seen = {ticket_id: _seen(uow, ticket_id) for ticket_id in chosen}
    new = {"user_id": user, "text": text, "private": private, "created_at": now}
    forget = Step(tables.delete, Many, Many.created_at < now - KEPT)
    steps = [forget, Step(tables.insert, Many, **new)]
    rows = [{"ticket_id": one, "seen": last, "state": WAITING, "reason": ""} for one, last in seen.items() if last]
    steps += [Step(tables.insert_new, ManyTicket, many_id=tickets.Result(1), **row) for row in rows]
    return int(tickets.apply(uow, [*steps, Step(jobs.add, JOB, {"many": tickets.Result(1)})])[1])


def _seen(uow: UnitOfWork, ticket_id: int) -> int:
    """The last message of a ticket; 0 for one that the actor may not see."""
    try:
        return int(facts(uow, ticket_id)["last_message_id"] or 0)
    except NotFound:
        return 0


def mine(uow: UnitOfWork, many_id: int) -> tuple[Many, list[ManyTicket]]:
    """One's own answer to many with its tickets; NotFound for anybody else's."""
    many = uow.session.get(Many, many_id, populate_existing=True)
    if many is None or many.user_id != uow.actor.user_id:
        raise NotFound()
    query = select(ManyTicket).where(ManyTicket.many_id == many_id).order_by(ManyTicket.ticket_id)
    return many, list(uow.session.scalars(query.execution_options(populate_existing=True)))


def _answer(uow: UnitOfWork, job: jobs.Running) -> None:
    """Answer what waits, as the person who wrote it, by their rights of this moment."""
    many = uow.session.get(Many, job.args["many"])
    if many is None:
        return
    text, how = many.text, {"visibility": "private" if many.private else messages.SAME}
    if not people.user(uow, many.user_id).active:
        gone = dump_message(_("Whoever wrote this works here no more."))
        tables.update(
            uow, ManyTicket, ManyTicket.many_id == many.id, ManyTicket.state == WAITING, state=LEFT, reason=gone
        )
        return
    own = uow.acting(people.actor(uow, many.user_id))
    query = select(ManyTicket).where(ManyTicket.many_id == many.id).order_by(ManyTicket.ticket_id)
    rows = [(row.ticket_id, row.seen, row.state) for row in uow.session.scalars(query)]
    for number, (ticket_id, seen, state) in enumerate(rows):
        if state == WAITING:
            where = (ManyTicket.many_id == many.id, ManyTicket.ticket_id == ticket_id, ManyTicket.state == WAITING)
            answer = Step(messages.reply, ticket_id, text, seen=seen, **how)
            try:
                tickets.apply(own, [Step(tables.claim, ManyTicket, *where, state=DONE), answer])
            except (TryAgain, Unavailable):
                raise
            except HelpdeskError as error:
                tables.update(uow, ManyTicket, *where, state=LEFT, reason=dump_message(error))
        job.progress(number + 1, len(rows))


JOB = jobs.JobKind("social.answer_many", _answer, _("Send one answer to many tickets"))
ACTION = Action(
    "social.answer",
    _("One answer to all…"),
    fields.String(required=True),
    lambda ticket_id, text: [Step(messages.reply, ticket_id, text, visibility=messages.SAME)],
    page=PAGE,
)
