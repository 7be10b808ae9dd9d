"""Visits: a number is taken, its ticket and its place in the line follow, it is called, served or missed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from helpdesk.api import accounts, intake, messages, tables, tickets, waiting
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.text import phone_number
from helpdesk.api.tickets import Step, apply
from helpdesk.api.waiting import WaitingKind
from helpdesk.api.work import UnitOfWork, plugin_actor

from .tables import CALLED, LEFT, NEW, NO_SHOW, SERVED, THERE, WAITING, Visit

KIND = WaitingKind("frontdesk", _("Front desk"), "desk", ring=False)
ACTOR = plugin_actor("frontdesk")
TRIES = 20  # at a number that somebody else takes at the same moment
MOST = 500  # people in the line of one front desk
LATE = timedelta(hours=16)  # after which a number is no longer of today


def topics(account: accounts.Account) -> list[str]:
    """What the kiosk offers, in both languages each."""
    return [line.strip()[:120] for line in str(account.settings["topics"]).splitlines() if line.strip()][:12]


def take_number(uow: UnitOfWork, account: accounts.Account, topic: str, language: str, phone: str = "") -> Visit:
    """The next number of the day, and the message that it is. Invalid for a telephone number that is none."""
    if topic not in topics(account):
        raise Invalid(_("Please choose a reason."))
    if len(there(uow, account.id)) >= MOST:
        raise Conflict(_("The line is full. Please ask somebody."))
    now = uow.clock()
    facts = {
        "topic": topic,
        "language": language,
        "phone": phone_number(phone) if phone.strip() else "",
        "joined_at": now,
        "place_at": now,
    }
    return _numbered(uow, account.id, day_of(now, str(account.settings["zone"])), facts)


def day_of(at: datetime, zone: str) -> str:
    """The day of a moment where the front desk is, as numbers and appointments are kept by."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def next_number(uow: UnitOfWork, account_id: int, day: str) -> int:
    """One more than the last of a day; somebody else may take it first."""
    of_day = (Visit.account_id == account_id, Visit.day == day)
    return (uow.session.scalar(select(func.max(Visit.number)).where(*of_day)) or 0) + 1


def _numbered(uow: UnitOfWork, account_id: int, day: str, facts: dict) -> Visit:
    """The visit and its message in one commit: a number without a ticket could never be called."""
    begin = {"ticket_id": None, "customer_id": None, "entry_id": None, "state": NEW, "counter": "", "user_id": None}
    begin |= {"called_at": None, "last_call_at": None, "ended_at": None}
    of_day = (Visit.account_id == account_id, Visit.day == day)
    for _try in range(TRIES):
        number = next_number(uow, account_id, day)
        said = {"visit": f"{day}-{number}", "number": number, "topic": facts["topic"], "language": facts["language"]}
        raw = intake.RawMessage(_name(day, number), json.dumps(said, ensure_ascii=False).encode(), facts["joined_at"])
        own = {"account_id": account_id, "day": day, "number": number}
        try:
            apply(uow, [Step(tables.insert, Visit, **own, **begin, **facts), Step(intake.take, account_id, raw)])
        except IntegrityError:
            uow.session.rollback()
        else:
            return uow.session.scalars(select(Visit).where(*of_day, Visit.number == number)).one()
    raise Conflict(_("Many people take a number now. Please try again."))


def _name(day: str, number: int) -> str:
    return f"visit-{day}-{number}"


def get(uow: UnitOfWork, visit_id: int) -> Visit:
    """The visit; NotFound when there is none."""
    row = uow.session.get(Visit, visit_id, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def there(uow: UnitOfWork, account_id: int) -> list[Visit]:
    """Who waits, the first first."""
    where = (Visit.account_id == account_id, Visit.state.in_(THERE), Visit.joined_at > uow.clock() - LATE)
    query = select(Visit).where(*where).order_by(Visit.place_at, Visit.id)
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def called(uow: UnitOfWork, account_id: int) -> list[Visit]:
    """Who is at a counter, the one called last first."""
    where = (Visit.account_id == account_id, Visit.state == CALLED, Visit.joined_at > uow.clock() - LATE)
    query = select(Visit).where(*where).order_by(Visit.last_call_at.desc(), Visit.id.desc())
    return list(uow.session.scalars(query.execution_options(populate_existing=True)))


def place(uow: UnitOfWork, visit: Visit) -> waiting.Place:
    """How many are before a visit, itself counted, and the time until it is called where that is known."""
    before = [row.id for row in there(uow, visit.account_id)]
    if visit.id not in before:
        return waiting.Place(0)
    position = before.index(visit.id) + 1
    if visit.entry_id is None:
        return waiting.Place(position)
    known = waiting.place(uow, visit.entry_id)
    return waiting.Place(position, known.seconds, known.low, known.high)


# What follows from events ---------------------------------------------------------------------------------------------


def follow_filed(uow: UnitOfWork) -> set[int]:
    """Let those whose ticket is there now wait in the line; returns the accounts whose line is another now."""
    changed = set()
    for visit in uow.session.scalars(select(Visit).where(Visit.state == NEW).limit(MOST)).all():
        message = messages.known_as(uow, visit.account_id, _name(visit.day, visit.number))
        if message is None:
            continue
        data = {"visit": visit.id, "number": visit.number}
        entry = waiting.join(uow, KIND.name, message.ticket_id, label=f"{visit.number} · {visit.topic}", data=data)
        known = {
            "ticket_id": message.ticket_id,
            "customer_id": message.customer_id,
            "entry_id": entry.id,
            "state": WAITING,
        }
        changed.add(visit.account_id)
        tables.update(uow, Visit, Visit.id == visit.id, Visit.state == NEW, **known)
    return changed


def account_of_entry(uow: UnitOfWork, entry_id: int) -> int:
    """The front desk of somebody in the line; 0 for none."""
    return uow.session.scalar(select(Visit.account_id).where(Visit.entry_id == entry_id)) or 0


def follow_line(uow: UnitOfWork, entry_id: int) -> None:
    """What others did to an entry of the line is true of its visit."""
    entry = waiting.get(uow, entry_id)
    where = (Visit.entry_id == entry_id, Visit.state.in_((WAITING, CALLED)))
    if entry.state == "taken":
        taken = {
            "state": CALLED,
            "user_id": entry.taken_by,
            "called_at": entry.taken_at,
            "last_call_at": entry.taken_at,
        }
        tables.update(uow, Visit, Visit.entry_id == entry_id, Visit.state == WAITING, **taken)
    elif entry.state == "ended":
        after = NO_SHOW if entry.outcome == NO_SHOW else SERVED
        tables.update(uow, Visit, *where, state=after, ended_at=entry.ended_at)
    elif entry.state == "abandoned":
        tables.update(uow, Visit, *where, state=LEFT, ended_at=entry.ended_at)
    elif entry.state == "waiting":
        tables.update(uow, Visit, *where, state=WAITING, counter="", user_id=None, called_at=None)


# At the counter -------------------------------------------------------------------------------------------------------


def call_next(uow: UnitOfWork, account_id: int, counter: str) -> Visit | None:
    """Call who waits longest to this counter; None when nobody does. Whom a colleague takes first is passed over."""
    if serving(uow):
        raise Conflict(_("Please finish with the one you serve first."))
    for visit in there(uow, account_id):
        if visit.entry_id is None:
            continue
        try:
            return call(uow, visit, counter)
        except (Conflict, NotFound):
            continue
    return None


def call(uow: UnitOfWork, visit: Visit, counter: str) -> Visit:
    """Call somebody to a counter; the actor serves them from now on."""
    now = uow.clock()
    facts = {"state": CALLED, "counter": counter, "user_id": uow.actor.user_id, "called_at": now, "last_call_at": now}
    apply(
        uow,
        [
            Step(waiting.accept, visit.entry_id),
            Step(tables.update, Visit, Visit.id == visit.id, **facts),
        ],
    )
    return get(uow, visit.id)


def serving(uow: UnitOfWork) -> Visit | None:
    """Whom the actor serves at a counter now."""
    query = select(Visit).where(Visit.state == CALLED, Visit.user_id == uow.actor.user_id)
    query = query.order_by(Visit.called_at.desc()).limit(1).execution_options(populate_existing=True)
    return uow.session.scalar(query)


def own(uow: UnitOfWork, visit_id: int) -> Visit:
    """A visit whom the actor serves; Conflict when they do not any more."""
    visit = get(uow, visit_id)
    if visit.state != CALLED or visit.user_id != uow.actor.user_id:
        raise Conflict(_("You do not serve this number any more."))
    return visit


def call_again(uow: UnitOfWork, visit_id: int) -> None:
    """The display shows the number once more."""
    own(uow, visit_id)
    tables.update(uow, Visit, Visit.id == visit_id, last_call_at=uow.clock())


def missed(uow: UnitOfWork, visit_id: int) -> None:
    """They did not come; the ticket is solved."""
    _over(uow, own(uow, visit_id), NO_SHOW, "solved")


def finish(uow: UnitOfWork, visit_id: int, outcome: str, note: str = "") -> None:
    """They were served. ``outcome``: solved, or goes_on, then the ticket stays open; ``note`` is for colleagues."""
    visit = own(uow, visit_id)
    if outcome not in ("solved", "goes_on"):
        raise Invalid(_("Please choose an outcome."))
    steps = [Step(messages.note, visit.ticket_id, note)] if note.strip() else []
    _over(uow, visit, outcome, "solved" if outcome == "solved" else "open", steps)


def _over(uow: UnitOfWork, visit: Visit, outcome: str, status: str, steps: list[Step] | None = None) -> None:
    after = NO_SHOW if outcome == NO_SHOW else SERVED
    apply(
        uow,
        [
            *(steps or []),
            Step(waiting.end, visit.entry_id, outcome),
            Step(tickets.change, visit.ticket_id, status=status),
            Step(tables.update, Visit, Visit.id == visit.id, state=after, ended_at=uow.clock()),
        ],
    )


def leave(uow: UnitOfWork, visit: Visit) -> None:
    """They do not wait any more, and said so on their phone."""
    if visit.state not in THERE:
        return
    steps = [Step(tables.update, Visit, Visit.id == visit.id, state=LEFT, ended_at=uow.clock())]
    apply(uow, [Step(waiting.leave, visit.entry_id), *steps] if visit.entry_id else steps)


def figures(uow: UnitOfWork, account_id: int, since: datetime) -> dict[str, int | None]:
    """What was done since a moment: served, no_shows, and the mean seconds of service and of waiting."""
    where = (Visit.account_id == account_id, Visit.joined_at >= since)
    rows = uow.session.scalars(select(Visit).where(*where, Visit.state.in_((SERVED, NO_SHOW)))).all()
    done = [row for row in rows if row.state == SERVED and row.called_at and row.ended_at]
    return {
        "served": len(done),
        "no_shows": len(rows) - len([row for row in rows if row.state == SERVED]),
        "service": _mean([(row.ended_at - row.called_at).total_seconds() for row in done]),
        "wait": _mean([(row.called_at - row.joined_at).total_seconds() for row in done]),
    }


def _mean(seconds: list[float]) -> int | None:
    return round(sum(seconds) / len(seconds)) if seconds else None
