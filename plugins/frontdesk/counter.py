"""The page of a counter: who waits, who is served, calling, finishing; and where the kiosk and the display are."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for

from helpdesk.api import accounts, customers, people, tables, tickets
from helpdesk.api.errors import Conflict, Forbidden, HelpdeskError, Invalid, NotFound, _
from helpdesk.api.i18n import current, gettext, render_message
from helpdesk.api.web import DeskPages
from helpdesk.api.work import UnitOfWork

from . import appointments, display, limits, visits
from .tables import Counter, Visit

SERVE = "tickets.write"
pages = DeskPages("frontdesk", __name__, permission=SERVE)


def mine(uow: UnitOfWork) -> list[accounts.Account]:
    """The front desks whose queue the actor serves."""
    served = {queue.id for queue in people.queues(uow)}
    return [one for one in accounts.of_channel(uow, "frontdesk") if one.queue_id in served and one.active]


def _here(uow: UnitOfWork) -> tuple[accounts.Account, Counter | None]:
    """The front desk of this person and their counter; NotFound when they serve none."""
    known = mine(uow)
    if not known:
        raise NotFound()
    row = uow.session.get(Counter, uow.actor.user_id, populate_existing=True)
    found = next((one for one in known if row and one.id == row.account_id), None)
    return (found, row) if found else (known[0], None)


@pages.get("/")
def home(uow):
    """The counter."""
    return render_template("frontdesk/counter.html", **_shown(uow), desks=mine(uow))


@pages.get("/line")
def line(uow):
    """Who waits, for the page that asks again."""
    return render_template("frontdesk/line.html", **_shown(uow))


def _shown(uow) -> dict:
    account, counter = _here(uow)
    now, visit = uow.clock(), visits.serving(uow)
    midnight = datetime.combine(now.astimezone(zone := ZoneInfo(current.get().timezone)), datetime.min.time(), zone)
    waits = [(row, round((now - row.joined_at).total_seconds())) for row in visits.there(uow, account.id)]
    return {
        "account": account,
        "counter": counter,
        "waits": waits,
        "visit": visit,
        "seconds": round((now - visit.called_at).total_seconds()) if visit and visit.called_at else 0,
        "customer": _customer(uow, visit),
        "today": visits.figures(uow, account.id, midnight),
        "device": limits.device_of(uow, account.id),
        "coming": [
            (row, appointments.name_of(uow, row))
            for row in appointments.to_come(uow, account.id, midnight + timedelta(days=1))
        ],
    }


def _customer(uow: UnitOfWork, visit: Visit | None) -> customers.Customer | None:
    try:
        return customers.get(uow, tickets.get(uow, visit.ticket_id).customer_id) if visit and visit.ticket_id else None
    except NotFound:
        return None


@pages.post("/counter")
def choose(uow):
    """Which counter this is."""
    name, account = " ".join(request.form.get("name", "").split())[:20], request.form.get("account", "")
    known = next((one for one in mine(uow) if str(one.id) == account), None)
    if known is None or not name:
        return _told(Invalid(_("Please say which counter this is.")))
    tables.put(uow, Counter, {"user_id": uow.actor.user_id}, account_id=known.id, name=name)
    return redirect(url_for("frontdesk.home"))


@pages.post("/next")
def call_next(uow):
    """Call the next number."""
    try:
        account, counter = _chosen(uow)
        if visits.call_next(uow, account.id, counter.name) is None:
            flash(gettext("Nobody waits."))
    except HelpdeskError as problem:
        return _told(problem)
    return redirect(url_for("frontdesk.home"))


@pages.post("/<int:visit_id>/call")
def call_one(uow, visit_id: int):
    """Call this number, whoever is before it."""
    try:
        _account, counter = _chosen(uow)
        if visits.serving(uow):
            raise Conflict(_("Please finish with the one you serve first."))
        visit = visits.get(uow, visit_id)
        if visit.entry_id is None:
            raise Conflict(_("Their ticket is on its way. Please try again."))
        visits.call(uow, visit, counter.name)
    except (Conflict, Invalid) as problem:
        return _told(problem)
    return redirect(url_for("frontdesk.home"))


def _chosen(uow: UnitOfWork) -> tuple[accounts.Account, Counter]:
    account, counter = _here(uow)
    if counter is None:
        raise Invalid(_("Please say which counter this is."))
    return account, counter


@pages.post("/<int:visit_id>/again")
def call_again(uow, visit_id: int):
    """Call once more."""

    def call() -> None:
        visits.call_again(uow, visit_id)
        display.tell(uow, visits.get(uow, visit_id).account_id)

    return _did(call)


@pages.post("/<int:visit_id>/missed")
def missed(uow, visit_id: int):
    """They did not come."""
    return _did(lambda: visits.missed(uow, visit_id))


@pages.post("/<int:visit_id>/finish")
def finish(uow, visit_id: int):
    """They were served; with ``next`` the next one is called."""
    form = request.form
    try:
        visits.finish(uow, visit_id, form.get("outcome", ""), form.get("note", "")[:20_000])
    except (Conflict, Invalid) as problem:
        return _told(problem)
    return call_next(uow=uow) if "next" in form else redirect(url_for("frontdesk.home"))


@pages.post("/<int:visit_id>/phone")
def prove_phone(uow, visit_id: int):
    """They have proved the number they typed, so it is theirs from now on."""

    def write() -> None:
        visit, customer = visits.own(uow, visit_id), _customer(uow, visits.get(uow, visit_id))
        if not visit.phone or customer is None:
            raise NotFound()
        customers.add_identity(uow, customer.id, "phone", visit.phone)
        tables.update(uow, Visit, Visit.id == visit_id, phone="")

    return _did(write)


@pages.post("/<int:visit_id>/name")
def rename(uow, visit_id: int):
    """The name they go by."""

    def write() -> None:
        customer = _customer(uow, visits.own(uow, visit_id))
        if customer is None:
            raise NotFound()
        customers.rename(uow, customer.id, request.form.get("name", "")[:200])

    return _did(write)


def _did(act):
    try:
        act()
    except (Conflict, Invalid, Forbidden) as problem:
        return _told(problem)
    return redirect(url_for("frontdesk.home"))


def _told(problem: HelpdeskError):
    flash(render_message(problem))
    return redirect(url_for("frontdesk.home"))
