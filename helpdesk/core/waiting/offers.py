"""Offers: who waits longest rings at who is idle longest, and goes on to the next when nobody answers in time.

Offers and their ends are rows, written in the commit that causes them; the worker's sweep looks for what time alone
causes. On PostgreSQL one writer at a time distributes, so that nobody is offered more than they have room for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from helpdesk.core.actor import DESK
from helpdesk.core.database.locks import advisory_lock
from helpdesk.core.database.rows import row_count
from helpdesk.core.events.waiting import UserAvailabilityChanged, WaitingOffered, WaitingPassed, WaitingTaken
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import tickets

from . import availability
from .availability import Availability
from .entries import ready
from .models import UserAvailability, WaitingEntry
from .settings import Rules, rules

LINE_LOCK = 0x48414C4E
AT_ONCE = 20  # entries in one write
REST = timedelta(seconds=30)  # so long an entry does not ring again at somebody who let it pass


def offer(uow: UnitOfWork) -> None:
    """Offer everybody who waits, in order, to somebody who is free. Inside ``writing``, after whatever frees somebody
    or lets somebody wait.
    """
    uow.session.flush()
    advisory_lock(uow.session, LINE_LOCK)
    while waiting := ready(uow, locked=True):
        rule = rules(uow)
        offered = _distribute(uow, waiting, rule)
        uow.session.flush()
        if not (offered and rule.auto_assign):  # who was assigned one may have room for another
            return


def _distribute(uow: UnitOfWork, waiting: list[tuple[WaitingEntry, int]], rule: Rules) -> set[int]:
    """Offer one thing to each who is free; returns who was offered something."""
    people = {queue: availability.serving(uow, queue) for queue in {queue for _row, queue in waiting}}
    busy: set[int] = set()
    for row, queue in waiting:
        chosen = _choose(uow, row, [one for one in people[queue] if one.user_id not in busy])
        if chosen:
            busy.add(chosen.user_id)
            _offer_to(uow, row, chosen.user_id, rule)
    return busy


def _choose(uow: UnitOfWork, row: WaitingEntry, people: list[Availability]) -> Availability | None:
    """The longest idle of those who let it pass least often.

    The colleague it was given to comes before all others, also without room for more; it waits while something rings
    at them.
    """
    known = uow.runtime.waiting_kinds.get(row.kind)
    if known is None or not known.ring:
        return None
    wanted = [one for one in people if one.user_id == row.wanted_id and one.state == "available"]
    if wanted:
        return next((one for one in wanted if not one.ringing), None)
    free = [one for one in people if one.free(row.kind) and not _rests(row, one.user_id, uow.clock())]
    return min(availability.longest_idle(free), key=lambda one: _passes(row, one.user_id)[0], default=None)


def _passes(row: WaitingEntry, user_id: int) -> tuple[int, datetime | None]:
    """How often somebody let an entry pass, and when last."""
    times, last = (row.passed or {}).get(str(user_id), (0, None))
    return times, last and datetime.fromisoformat(last)


def _rests(row: WaitingEntry, user_id: int, now: datetime) -> bool:
    """True for a while after somebody let an entry pass, even if nobody else is there."""
    last = _passes(row, user_id)[1]
    return last is not None and last > now - REST


def _offer_to(uow: UnitOfWork, row: WaitingEntry, user_id: int, rule: Rules) -> None:
    if rule.auto_assign:
        take(uow, row, user_id)
        return
    until = uow.clock() + timedelta(seconds=rule.ring_seconds)
    row.state, row.offered_id, row.offered_until = "offered", user_id, until
    uow.record(
        WaitingOffered(ticket_id=row.ticket_id, entry=row.id, line=row.kind, user=user_id, until=until.isoformat())
    )


def take(uow: UnitOfWork, row: WaitingEntry, user_id: int) -> None:
    """Let somebody serve an entry from now on; the ticket is theirs."""
    now = uow.clock()
    since = max(row.joined_at, row.not_before) if row.not_before else row.joined_at
    row.state, row.offered_id, row.offered_until, row.wanted_id = "taken", None, None, None
    row.taken_id, row.taken_at, row.passed = user_id, now, {}
    uow.session.flush()
    touched(uow, user_id)
    waited = max(0, round((now - since).total_seconds()))
    uow.record(WaitingTaken(ticket_id=row.ticket_id, entry=row.id, line=row.kind, user=user_id, waited=waited))
    actor = uow.actor if uow.actor.user_id == user_id else DESK
    tickets.change(uow.acting(actor), row.ticket_id, assignee_id=user_id)


def touched(uow: UnitOfWork, user_id: int) -> None:
    """Somebody took or ended something: others are longer idle now, and they answer."""
    uow.session.execute(
        update(UserAvailability)
        .where(UserAvailability.user_id == user_id)
        .values(idle_since=uow.clock(), missed=0)
        .execution_options(synchronize_session=False)
    )


def pass_on(uow: UnitOfWork, row: WaitingEntry, why: str) -> None:
    """End an offer that was not taken; the entry waits again, at its old place."""
    user_id = row.offered_id
    row.state, row.offered_id, row.offered_until = "waiting", None, None
    if user_id is None:
        return
    row.passed = {**(row.passed or {}), str(user_id): [_passes(row, user_id)[0] + 1, uow.clock().isoformat()]}
    row.wanted_id = None if row.wanted_id == user_id else row.wanted_id
    uow.record(WaitingPassed(ticket_id=row.ticket_id, entry=row.id, line=row.kind, user=user_id, why=why))


def pass_on_all_of(uow: UnitOfWork, user_id: int) -> None:
    """End the offers to somebody who is not available any more."""
    query = select(WaitingEntry).where(WaitingEntry.state == "offered", WaitingEntry.offered_id == user_id)
    for row in uow.session.scalars(query.execution_options(populate_existing=True)).all():
        pass_on(uow, row, "away")


def note_due(uow: UnitOfWork) -> int:
    """What time alone causes, for the sweep: offers that rang in vain, consoles that closed, people whose moment has
    come. Returns how many of them, 0 when there is nothing left to do.
    """
    now = uow.clock()
    late = select(WaitingEntry.id).where(WaitingEntry.state == "offered", WaitingEntry.offered_until <= now)
    gone = select(UserAvailability.user_id).where(
        UserAvailability.online, UserAvailability.seen_at <= now - availability.GONE
    )
    ids, people = list(uow.session.scalars(late.limit(AT_ONCE))), list(uow.session.scalars(gone.limit(AT_ONCE)))
    if not ids and not people and not _one_can_be_offered(uow):
        return 0
    with uow.writing() as session:
        offered = select(WaitingEntry).where(WaitingEntry.id.in_(ids), WaitingEntry.state == "offered")
        query = offered.where(WaitingEntry.offered_until <= now).with_for_update()
        for row in session.scalars(query.execution_options(populate_existing=True)).all():
            _missed(uow, row)
        for user_id in people:
            _note_gone(uow, user_id)
        offer(uow)
    return len(ids) + len(people)


def _one_can_be_offered(uow: UnitOfWork) -> bool:
    """True when somebody waits who could ring now: an entry whose moment has come, a person a restart forgot."""
    people: dict[int, list[Availability]] = {}
    for row, queue in ready(uow):
        if queue not in people:
            people[queue] = availability.serving(uow, queue)
        if _choose(uow, row, people[queue]):
            return True
    return False


def _missed(uow: UnitOfWork, row: WaitingEntry) -> None:
    user_id, most = row.offered_id, rules(uow).missed
    pass_on(uow, row, "missed")
    person = uow.session.get(UserAvailability, user_id, populate_existing=True) if user_id else None
    if person is None:
        return
    person.missed += 1
    if most and person.missed >= most and person.state == "available":
        person.state, person.reason, person.since, person.missed = "away", "missed", uow.clock(), 0
        uow.record(UserAvailabilityChanged(user=person.user_id, before="available", after="away", reason="missed"))
    uow.session.flush()


def _note_gone(uow: UnitOfWork, user_id: int) -> None:
    """The console of somebody was closed for long enough."""
    where = UserAvailability.user_id == user_id, UserAvailability.online
    late = UserAvailability.seen_at <= uow.clock() - availability.GONE
    options = {"synchronize_session": False}
    changed = update(UserAvailability).where(*where, late).values(online=False).execution_options(**options)
    if not row_count(uow.session.execute(changed)):
        return
    person = uow.session.get_one(UserAvailability, user_id, populate_existing=True)
    if person.state != "offline":
        uow.record(UserAvailabilityChanged(user=user_id, before=person.state, after="offline"))
    pass_on_all_of(uow, user_id)
