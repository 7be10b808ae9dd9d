"""Changes of availability: what people choose, their limits, and that their consoles are open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update

from helpdesk.core.database.rows import insert_many_if_new
from helpdesk.core.errors import Forbidden, Invalid, NotFound, _
from helpdesk.core.events.waiting import UserAvailabilityChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.names import one_line
from helpdesk.core.people import users

from . import availability, offers
from .availability import GONE, MANAGE, SEEN_EVERY, Availability, is_online
from .kinds import MOST
from .models import REASON, STATES, UserAvailability


def choose(uow: UnitOfWork, state: str, reason: str = "", user_id: int | None = None) -> Availability:
    """Be available, busy, away or offline from now on; a supervisor chooses for others, too.

    Whoever stops being available keeps what they have in hand; what rings at them goes on to the next. Choosing for
    oneself counts as being there.
    """
    who = _managed(uow, user_id)
    if state not in STATES:
        raise Invalid(
            _("There is no availability named %(name)s."), {"state": _("Please choose one of the list.")}, name=state
        )
    with uow.writing():
        row = _row(uow, who)
        before = _shown(row, uow.clock())
        row.state, row.reason = state, "" if state == "available" else one_line(reason, REASON)
        row.since, row.missed = uow.clock(), 0
        if who == uow.actor.user_id:
            row.seen_at, row.online = uow.clock(), True
        _record(uow, row, before, always=True)
        if state != "available":
            offers.pass_on_all_of(uow, who)
        offers.offer(uow)
    return availability.of(uow, who)


def limit(uow: UnitOfWork, kind: str, most: int | None, user_id: int | None = None) -> Availability:
    """Serve at most so many of a kind at once, None for what the settings say. What is in hand stays."""
    who = _managed(uow, user_id)
    if kind not in uow.runtime.waiting_kinds:
        raise NotFound()
    if most is not None and not 0 <= most <= MOST:
        raise Invalid(_("Please choose a number from 0 to %(most)s."), most=MOST)
    with uow.writing():
        row = _row(uow, who)
        own = {name: value for name, value in (row.capacity or {}).items() if name != kind}
        row.capacity = own if most is None else {**own, kind: most}
        _record(uow, row, _shown(row, uow.clock()), always=True)
        offers.offer(uow)
    return availability.of(uow, who)


def seen(uow: UnitOfWork, user_ids: Collection[int]) -> None:
    """The consoles of these people are open. Those who have just come are offered what waits. Costs no write when all
    were seen lately.
    """
    now, ids = uow.clock(), sorted(set(user_ids))
    lately = select(UserAvailability.user_id).where(
        UserAvailability.user_id.in_(ids), UserAvailability.seen_at > now - SEEN_EVERY / 2, UserAvailability.online
    )
    ids = sorted(set(ids) - set(uow.session.scalars(lately)))
    if not ids:
        return
    with uow.writing() as session:
        insert_many_if_new(session, UserAvailability, [_new(user_id, now) for user_id in ids])
        away = or_(UserAvailability.seen_at.is_(None), UserAvailability.seen_at <= now - GONE, ~UserAvailability.online)
        query = select(UserAvailability).where(UserAvailability.user_id.in_(ids), away)
        come = list(session.scalars(query.execution_options(populate_existing=True)))
        for row in come:
            row.seen_at, row.online = now, True
            _record(uow, row, "offline")
        rest = update(UserAvailability).where(UserAvailability.user_id.in_(ids)).values(seen_at=now, online=True)
        session.flush()
        session.execute(rest.execution_options(synchronize_session=False))
        if come:
            offers.offer(uow)


def _managed(uow: UnitOfWork, user_id: int | None) -> int:
    """Whose availability the actor may change: their own, or that of a colleague they manage."""
    who = user_id or uow.actor.user_id
    if who is None:
        raise Forbidden()
    if who == uow.actor.user_id:
        uow.actor.must("tickets.write")
        return who
    uow.actor.must(MANAGE)
    if uow.actor.user_id is not None and who not in {user.id for user in users.visible_colleagues(uow)}:
        raise NotFound()
    return users.get(uow, who).id


def _new(user_id: int, now: datetime) -> dict[str, object]:
    return {
        "user_id": user_id,
        "state": "available",
        "reason": "",
        "since": now,
        "seen_at": None,
        "online": False,
        "idle_since": now,
        "missed": 0,
        "capacity": {},
    }


def _row(uow: UnitOfWork, user_id: int) -> UserAvailability:
    insert_many_if_new(uow.session, UserAvailability, [_new(user_id, uow.clock())])
    return uow.session.get_one(UserAvailability, user_id, populate_existing=True, with_for_update=True)


def _shown(row: UserAvailability, now: datetime) -> str:
    return row.state if is_online(row.seen_at, now) else "offline"


def _record(uow: UnitOfWork, row: UserAvailability, before: str, always: bool = False) -> None:
    after = _shown(row, uow.clock())
    if before != after or always:
        uow.record(UserAvailabilityChanged(user=row.user_id, before=before, after=after, reason=row.reason))
