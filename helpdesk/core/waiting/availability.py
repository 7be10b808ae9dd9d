"""Who is there to serve people who wait: what each chose, whether their console is open, how much they have in hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import roles, users
from helpdesk.core.people.models import QueueTeam, TeamMember, User
from helpdesk.core.text import sort_key

from .kinds import WaitingKind
from .models import UserAvailability, WaitingEntry
from .settings import REASONS, Rules, rules

SEEN_EVERY = timedelta(seconds=20)  # how often an open console is noted
GONE = timedelta(seconds=60)  # after which a console that is not seen any more counts as closed
MANAGE = "waiting.manage"
LONG_AGO = datetime.min.replace(tzinfo=UTC)

PEOPLE_QUERY = select(
    User.id,
    User.name,
    UserAvailability.state,
    UserAvailability.reason,
    UserAvailability.since,
    UserAvailability.seen_at,
    UserAvailability.idle_since,
    UserAvailability.capacity,
).outerjoin(UserAvailability, UserAvailability.user_id == User.id)
ENTRY = WaitingEntry.__table__.c
IN_HAND_QUERY = select(func.coalesce(ENTRY.taken_id, ENTRY.offered_id).label("holder"), ENTRY.kind, ENTRY.state).where(
    ENTRY.state.in_(("offered", "taken"))
)
Held = tuple[str, str]  # kind and state of something in hand


@dataclass(frozen=True)
class Reason:
    """Why somebody is away or busy. ``label`` is a sentence for the catalogue, or the desk's own words."""

    name: str
    label: str


@dataclass(frozen=True)
class Availability:
    """Somebody's availability as it is now.

    ``state`` is available, busy, away or offline: what they chose (``chosen``), offline without an open console.
    ``capacity`` is how many of each kind they serve at once, ``load`` how many they have or are offered; ``ringing``
    is True while something is offered to them. ``idle_since`` orders those who are free.
    """

    user_id: int
    name: str
    state: str
    chosen: str
    reason: str
    since: datetime | None
    online: bool
    capacity: dict[str, int]
    load: dict[str, int]
    ringing: bool = False
    idle_since: datetime | None = None
    alone: frozenset[str] = frozenset()  # kinds in hand that want their whole attention

    def room(self, kind: str) -> int:
        """How many more of a kind they could serve now."""
        if self.state != "available" or self.taken_up(kind):
            return 0
        return max(0, self.capacity.get(kind, 0) - self.load.get(kind, 0))

    def taken_up(self, kind: str) -> bool:
        """True while something else has their whole attention."""
        return bool(self.alone - {kind})

    def free(self, kind: str) -> bool:
        """True when one of this kind can be offered to them now: there is room, and nothing rings."""
        return not self.ringing and self.room(kind) > 0


def of(uow: UnitOfWork, user_id: int) -> Availability:
    """The availability of one active person; NotFound for another."""
    return of_known(uow, user_id, rules(uow).capacity, _in_hand(uow).get(user_id, []))


def of_known(uow: UnitOfWork, user_id: int, usual: dict[str, int], held: list[Held]) -> Availability:
    """The same for who knows already how many are usual and what they have in hand."""
    found = _people(uow, [user_id], usual, {user_id: held})
    if not found:
        raise NotFound()
    return found[0]


def everybody(uow: UnitOfWork, queue_id: int | None = None) -> list[Availability]:
    """Those who answer a queue, or all whom the actor sees, by name."""
    if queue_id is not None:
        if not uow.actor.serves(queue_id):
            raise NotFound()
        return _by_name(serving(uow, queue_id))
    if uow.actor.user_id is None:
        return _by_name(_read(uow, None))
    return _by_name(_read(uow, [user.id for user in users.visible_colleagues(uow, "tickets.write")]))


def free_for(uow: UnitOfWork, kind: str, queue_id: int) -> list[Availability]:
    """Who could be offered one of this kind in this queue now, the longest idle first."""
    return longest_idle(one for one in serving(uow, queue_id) if one.free(kind))


def serving(uow: UnitOfWork, queue_id: int) -> list[Availability]:
    """Those who answer a queue, whoever asks."""
    return _read(uow, members(uow, queue_id))


def longest_idle(people: Iterable[Availability]) -> list[Availability]:
    """These people, the longest idle first; who never served anybody comes before all others."""
    return sorted(people, key=lambda one: (one.idle_since or LONG_AGO, one.user_id))


def members(uow: UnitOfWork, queue_id: int) -> list[int]:
    """The ids of the active people in a queue's teams who may answer; an admin only as a member."""
    query = (
        select(TeamMember.user_id)
        .join(QueueTeam, QueueTeam.team_id == TeamMember.team_id)
        .join(User, User.id == TeamMember.user_id)
        .where(QueueTeam.queue_id == queue_id, User.active, User.role.in_(roles.having(uow, "tickets.write")))
        .distinct()
    )
    return list(uow.session.scalars(query))


def reasons(uow: UnitOfWork) -> list[Reason]:
    """What people may give as their reason; the desk's own come last."""
    return reasons_by(rules(uow))


def reasons_by(rule: Rules) -> list[Reason]:
    """The same for who knows the settings already."""
    given = [Reason(name, label) for name, label in REASONS.items() if name != "missed"]
    return given + [Reason(words, words) for words in rule.reasons]


def label_of(reason: str) -> str:
    """The label of a reason that is kept with somebody's state."""
    return REASONS.get(reason, reason)


def is_online(seen_at: datetime | None, now: datetime) -> bool:
    """True while a console is open, or was within ``GONE``."""
    return seen_at is not None and seen_at > now - GONE


def _by_name(people: list[Availability]) -> list[Availability]:
    return sorted(people, key=lambda one: (sort_key(one.name), one.user_id))


def _read(uow: UnitOfWork, user_ids: Collection[int] | None) -> list[Availability]:
    """The availability of these people, of everybody for None, in three queries."""
    return _people(uow, user_ids, rules(uow).capacity, _in_hand(uow))


def _people(
    uow: UnitOfWork, user_ids: Collection[int] | None, usual: dict[str, int], in_hand: dict[int, list[Held]]
) -> list[Availability]:
    query = PEOPLE_QUERY.where(User.active)
    query = query if user_ids is None else query.where(User.id.in_(list(user_ids)))
    people = uow.session.connection().execute(query)
    return [_view(uow, row, usual, in_hand.get(row.id, [])) for row in people]


def _in_hand(uow: UnitOfWork) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = {}
    for row in uow.session.connection().execute(IN_HAND_QUERY):
        if row.holder is not None:
            found.setdefault(row.holder, []).append((row.kind, row.state))
    return found


def _view(uow: UnitOfWork, row: Row[*tuple[Any, ...]], usual: dict[str, int], held: list[Held]) -> Availability:
    kinds, own = uow.runtime.waiting_kinds, row.capacity or {}
    load = dict.fromkeys(usual, 0)
    for kind, _state in held:
        load[kind] = load.get(kind, 0) + 1
    online = is_online(row.seen_at, uow.clock())
    chosen = row.state or "available"
    return Availability(
        user_id=row.id,
        name=row.name,
        state=chosen if online else "offline",
        chosen=chosen,
        reason=row.reason or "",
        since=row.since,
        online=online,
        capacity={name: own.get(name, most) for name, most in usual.items()},
        load=load,
        ringing=any(state == "offered" for _kind, state in held),
        idle_since=row.idle_since,
        alone=frozenset(kind for kind, _state in held if _alone(kinds.get(kind))),
    )


def _alone(kind: WaitingKind | None) -> bool:
    return kind is not None and kind.alone
