"""What the frame of every page shows of the line: one's availability, what rings at oneself, how many wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy import select

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Queue
from helpdesk.core.waiting import availability, entries
from helpdesk.core.waiting.availability import Availability, Reason
from helpdesk.core.waiting.entries import Entry
from helpdesk.core.waiting.kinds import WaitingKind
from helpdesk.core.waiting.settings import rules
from helpdesk.i18n import gettext as _
from helpdesk.web import current_user, uow

STATES = {
    "available": lambda: _("Available"),
    "busy": lambda: _("Not taking new ones"),
    "away": lambda: _("Away"),
    "offline": lambda: _("Off duty"),
}
SHAPES = {"available": "ready", "busy": "busy", "away": "away", "offline": ""}  # of ``.presence``


@dataclass(frozen=True)
class Ring:
    """An offer as it is shown: who waits for what, since when, until when it rings."""

    entry: int
    kind: str
    icon: str
    name: str
    about: str
    since: datetime
    until: datetime
    seconds: int  # it rings for altogether
    url: str


@dataclass(frozen=True)
class Frame:
    """Everything the frame shows; ``waiting`` is {queue: how many wait}."""

    me: Availability
    rings: list[Ring]
    waiting: dict[int, int]
    reasons: list[Reason]
    sound: bool

    @property
    def total(self) -> int:
        """How many wait in one's queues."""
        return sum(self.waiting.values())


def frame() -> Frame | None:
    """The frame's part of the line, None for people who answer nobody; asked for once in a request."""
    if "line_frame" not in g:
        g.line_frame = of(uow(), current_user()) if uow().actor.may("tickets.write") else None
    return g.line_frame


def of(now: UnitOfWork, user) -> Frame:
    """What the frame of a person's pages shows of the line, in three queries."""
    rule, everything = rules(now), entries.everything_open(now)
    held = [(one.kind, one.state) for one, _subject in everything if user.id in (one.taken_by, one.offered_to)]
    waiting = [one.queue_id for one, _subject in everything if _waits(now, one)]
    return Frame(
        me=availability.of_known(now, user.id, rule.capacity, held),
        rings=[_ring(now, one, said, rule.ring_seconds) for one, said in everything if one.offered_to == user.id],
        waiting={queue: waiting.count(queue) for queue in dict.fromkeys(waiting)},
        reasons=availability.reasons_by(rule),
        sound=bool((user.preferences or {}).get("ring_sound")),
    )


def _waits(now: UnitOfWork, one: Entry) -> bool:
    due = one.not_before is None or one.not_before <= now.clock()
    return one.state != "taken" and due and now.actor.serves(one.queue_id)


def queue_ids(now: UnitOfWork) -> list[int]:
    """All queues."""
    return list(now.session.scalars(select(Queue.id)))


def _ring(now: UnitOfWork, one: Entry, subject: str, seconds: int) -> Ring:
    kind = kind_of(now, one.kind)
    return Ring(
        one.id,
        kind.label,
        kind.icon,
        one.label or subject,
        subject if one.label else "",
        one.since(),
        one.offered_until or now.clock(),
        seconds,
        kind.address(one.id, one.ticket_id),
    )


def kind_of(now: UnitOfWork, name: str) -> WaitingKind:
    """The kind of this name; a plain one while its plugin is off."""
    return now.runtime.waiting_kinds.get(name) or WaitingKind("unknown", name)


def state_word(state: str) -> str:
    """A state as people call it."""
    return STATES[state]()


def busy_with(person: Availability) -> list[tuple[WaitingKind, int, int]]:
    """(kind, in hand, most at once) of each kind somebody may be given."""
    known = uow().runtime.waiting_kinds
    return [(known[name], person.load.get(name, 0), most) for name, most in person.capacity.items() if name in known]
