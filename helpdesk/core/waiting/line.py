"""The one line of waiting people: join, accept, decline, hand over, leave, end. Each is one commit, and whoever is
freed or comes is offered the next in the same commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound, _
from helpdesk.core.events.waiting import WaitingEnded, WaitingGiven, WaitingJoined, WaitingLeft
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.names import one_line
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import User
from helpdesk.core.tickets import simulated, tickets
from helpdesk.core.tickets.visibility import visible_ticket

from . import availability, offers
from .availability import MANAGE
from .entries import Entry, view, visible_row
from .models import LABEL, OPEN, OUTCOME, WaitingEntry

DATA = 50  # names in ``data``
LONGEST = timedelta(days=1)  # that somebody can have waited elsewhere
LEFT = _("They have left the line.")


def join(
    uow: UnitOfWork,
    kind: str,
    ticket_id: int,
    *,
    label: str = "",
    data: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
    since: datetime | None = None,
) -> Entry:
    """Let the customer of a ticket wait to be served at once; who waits on it already (by this kind) keeps their place.

    It is offered at once to somebody who is free, from ``not_before`` on if that is given. ``since`` keeps the
    place of somebody who waited elsewhere from then on, at most ``LONGEST``. ``data`` is plain JSON of the plugin's.
    """
    if kind not in uow.runtime.waiting_kinds:
        raise NotFound()
    if data and len(data) > DATA:
        raise Invalid(_("These are more values than are kept with somebody who waits."))
    visible_ticket(uow, ticket_id, "tickets.write")
    with uow.writing() as session:
        simulated.refuse(tickets.locked_ticket(uow, ticket_id))
        now, given = uow.clock(), dict(data or {})
        values: dict[str, Any] = {"label": one_line(label, LABEL), "data": given, "not_before": not_before}
        values |= {"kind": kind, "ticket_id": ticket_id, "state": "waiting", "joined_at": _joined(now, since)}
        new = insert_if_new(session, WaitingEntry, **values)
        where = WaitingEntry.kind == kind, WaitingEntry.ticket_id == ticket_id, WaitingEntry.state.in_(OPEN)
        row = session.scalars(select(WaitingEntry).where(*where).execution_options(populate_existing=True)).one()
        if new:
            uow.record(WaitingJoined(ticket_id=ticket_id, entry=row.id, line=kind))
            offers.offer(uow)
        return view(uow, row)


def _joined(now: datetime, since: datetime | None) -> datetime:
    return min(now, max(since, now - LONGEST)) if since else now


def accept(uow: UnitOfWork, entry_id: int) -> Entry:
    """Serve an entry from now on; its ticket is assigned to the actor. Who sees it may take it, offered or not.

    Conflict when a colleague was first or they have left. Accepting again what one has changes nothing.
    """
    me = uow.actor.user_id
    if me is None:
        raise Forbidden()
    visible_row(uow, entry_id, "tickets.write")
    with uow.writing():
        row = _locked(uow, entry_id)
        if row.state == "taken" and row.taken_id == me:
            return view(uow, row)
        if row.state == "taken":
            raise Conflict(_("%(name)s was first."), name=_name(uow, row.taken_id))
        if row.state not in OPEN:
            raise Conflict(LEFT)
        if row.state == "offered" and row.offered_id != me:
            offers.pass_on(uow, row, "first")
        offers.take(uow, row, me)
        offers.offer(uow)
        return view(uow, row)


def decline(uow: UnitOfWork, entry_id: int) -> Entry:
    """Let an offer pass: it rings at the next. Nothing happens when it does not ring at the actor any more."""
    visible_row(uow, entry_id, "tickets.write")
    with uow.writing():
        row = _locked(uow, entry_id)
        if row.state == "offered" and row.offered_id == uow.actor.user_id is not None:
            offers.pass_on(uow, row, "declined")
            offers.touched(uow, uow.actor.user_id)
            offers.offer(uow)
        return view(uow, row)


def give(
    uow: UnitOfWork, entry_id: int, user_id: int | None = None, queue_id: int | None = None, note: str = ""
) -> Entry:
    """Hand an entry over to a colleague, at whom it rings next, or to a queue, where it waits at its old place.

    Conflict for a colleague who is not available. ``note`` becomes an internal note of the ticket.
    """
    visible_row(uow, entry_id, "tickets.write")
    if (user_id is None) == (queue_id is None):
        raise Invalid(_("Please choose a colleague or a queue."))
    with uow.writing():
        row = _locked(uow, entry_id)
        _must_hold(uow, row)
        giver = row.taken_id or uow.actor.user_id
        _stop_ringing(uow, row, "given")
        if note.strip():
            replies.note(uow, row.ticket_id, note)
        if user_id is not None:
            _must_be_there(uow, row, user_id)
        else:
            tickets.change(uow, row.ticket_id, queue_id=queue_id, assignee_id=None)
        row.state, row.taken_id, row.taken_at = "waiting", None, None
        row.offered_id, row.offered_until, row.wanted_id = None, None, user_id
        row.passed = {str(giver): [1, None]} if giver else {}
        given = WaitingGiven(
            ticket_id=row.ticket_id, entry=row.id, line=row.kind, giver=giver, user=user_id, queue=queue_id
        )
        uow.record(given)
        offers.offer(uow)
        uow.session.flush()
        return view(uow, row)


def leave(uow: UnitOfWork, entry_id: int) -> Entry:
    """They do not wait any more: abandoned when nobody served them yet, else ended with the outcome "left"."""
    return _over(uow, entry_id, "left", left=True)


def end(uow: UnitOfWork, entry_id: int, outcome: str = "") -> Entry:
    """It is over. Only who serves it, a supervisor, or a plugin ends what is taken. Ending again changes nothing."""
    return _over(uow, entry_id, outcome, left=False)


def _over(uow: UnitOfWork, entry_id: int, outcome: str, left: bool) -> Entry:
    visible_row(uow, entry_id, "tickets.write")
    with uow.writing():
        row = _locked(uow, entry_id)
        if row.state not in OPEN:
            return view(uow, row)
        _must_hold(uow, row)
        now, served = uow.clock(), row.taken_at
        _stop_ringing(uow, row, "over")
        of: dict[str, Any] = {"ticket_id": row.ticket_id, "entry": row.id, "line": row.kind}
        if left and served is None:
            waited = round((now - view(uow, row).since()).total_seconds())
            uow.record(WaitingLeft(**of, waited=max(0, waited)))
        else:
            seconds = max(0, round((now - served).total_seconds())) if served else 0
            uow.record(WaitingEnded(**of, user=row.taken_id, seconds=seconds, outcome=one_line(outcome, OUTCOME)))
        row.state = "abandoned" if left and served is None else "ended"
        row.ended_at, row.outcome = now, one_line(outcome, OUTCOME)
        row.offered_id, row.offered_until, row.wanted_id = None, None, None
        if row.taken_id:
            offers.touched(uow, row.taken_id)
        offers.offer(uow)
        return view(uow, row)


def follow(uow: UnitOfWork, entry_id: int, ticket_id: int | None = None, user_id: int | None = None) -> Entry:
    """Let an open entry follow: into the ticket its own was merged into, or, when it is taken, to the colleague its
    ticket was assigned to by hand. It ends where the other ticket has one of its kind already.
    """
    visible_row(uow, entry_id, "tickets.write")
    with uow.writing() as session:
        row = _locked(uow, entry_id)
        if row.state not in OPEN:
            return view(uow, row)
        if user_id is not None and row.state == "taken":
            row.taken_id = user_id
        if ticket_id is not None:
            visible_ticket(uow, ticket_id, "tickets.write")
            same = select(WaitingEntry.id).where(
                WaitingEntry.kind == row.kind, WaitingEntry.ticket_id == ticket_id, WaitingEntry.state.in_(OPEN)
            )
            if session.scalar(same) is not None:
                return end(uow, entry_id, "merged")
            row.ticket_id = ticket_id
        offers.offer(uow)
        return view(uow, row)


def _locked(uow: UnitOfWork, entry_id: int) -> WaitingEntry:
    """The row as it is now, for this writer alone until the commit."""
    return uow.session.get_one(WaitingEntry, entry_id, with_for_update=True, populate_existing=True)


def _stop_ringing(uow: UnitOfWork, row: WaitingEntry, why: str) -> None:
    if row.state == "offered":
        offers.pass_on(uow, row, why)


def _must_hold(uow: UnitOfWork, row: WaitingEntry) -> None:
    """What somebody serves, only they and supervisors hand over or end."""
    if row.state not in OPEN:
        raise Conflict(LEFT)
    if row.state == "taken" and uow.actor.user_id not in (None, row.taken_id) and not uow.actor.may(MANAGE):
        raise Conflict(_("%(name)s serves them."), name=_name(uow, row.taken_id))


def _must_be_there(uow: UnitOfWork, row: WaitingEntry, user_id: int) -> None:
    queue_id = view(uow, row).queue_id
    if user_id not in availability.members(uow, queue_id):
        raise Invalid(_("This ticket cannot be given to that person."), {"user": _("Please choose a colleague.")})
    person = availability.of(uow, user_id)
    if person.state != "available":
        raise Conflict(_("%(name)s is not available now."), name=person.name)


def _name(uow: UnitOfWork, user_id: int | None) -> str:
    user = uow.session.get(User, user_id) if user_id else None
    return user.name if user else "?"
