"""The pages of agents: call-backs, the calling screen, callers, slots; and starting a call inside a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from helpdesk.api import accounts, customers, messages, people, tickets, waiting
from helpdesk.api.channels import Address
from helpdesk.api.errors import HelpdeskError, Invalid, _
from helpdesk.api.i18n import gettext, moment_of, render_message
from helpdesk.api.web import DeskPages, Link, Panel
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs, dialling, outgoing, requests, screen, wording

VIEWS = ("calls", "line", "slots")
NO_TIME = _("Please say when to call again.")
pages = DeskPages("phone_desk", __name__, permission="tickets.write")
PANEL = Panel(
    name="calls",
    title=_("Calls"),
    icon="call",
    permission="tickets.write",
    template="phone/panel.html",
    load=screen.panel,
    style="calls.css",
)


def menu(uow: UnitOfWork) -> list[Link]:
    """The page of calls, for those who answer."""
    return [Link(gettext("Calls"), "/x/phone/", "call", go="KeyT")] if uow.actor.may("tickets.write") else []


@pages.get("/")
def overview(uow: UnitOfWork) -> Any:
    """Call-backs, callers or slots; the first call of now is opened when there is one."""
    view = request.args.get("view", "calls")
    return _shown(uow, view if view in VIEWS else "calls")


@pages.get("/calls/<key>")
def one(key: str, uow: UnitOfWork) -> str:
    """The calling screen."""
    return _shown(uow, "calls", key)


def _shown(uow: UnitOfWork, view: str, key: str = "", problem: HelpdeskError | None = None) -> str:
    given: dict[str, Any] = {"view": view, "rows": screen.rows(uow), "callers": screen.callers(uow)}
    given |= {"call": screen.call(uow, key) if key else None, "lines": screen.slots_of(uow) if view == "slots" else []}
    given |= {
        "told": screen.made,
        "words": wording.of_message,
        "problem": problem,
        "device": dialling.device_of(uow),
        "now": uow.clock(),
        "me": people.me(uow),
    }
    return render_template("phone/calls.html", **given)


@pages.post("/calls/<key>/take")
def take(key: str, uow: UnitOfWork) -> Any:
    """This call is the actor's."""
    return _done(uow, key, lambda row: waiting.accept(uow, row.entry_id))


@pages.post("/calls/<key>/dial")
def dial(key: str, uow: UnitOfWork) -> Any:
    """Let the telephone system ring the actor, then the customer."""
    if request.form.get("device"):
        dialling.keep_device(uow, request.form["device"])
    return _done(uow, key, lambda row: _dial(uow, row))


def _dial(uow: UnitOfWork, row: call_backs.CallBack) -> None:
    """Ask for the call and keep it, so that what its system tells comes to this call-back."""
    if customers.is_unwanted(uow, "phone", Address("phone", row.number)):
        raise Invalid(requests.UNWANTED)
    account, device = accounts.get(uow, row.account_id), dialling.device_of(uow)
    call_id = dialling.dial(uow, account.id, row.number, outgoing.new_id())
    language = str(account.settings["language"])
    outgoing.begin(uow.acting(plugin_actor("phone")), call_backs.get(uow, row.key), call_id, device, language)


@pages.post("/calls/<key>/outcome")
def outcome(key: str, uow: UnitOfWork) -> Any:
    """What came of it, with a note and the next act; the next call comes."""

    def enter(row: call_backs.CallBack) -> None:
        delivery = messages.delivery(uow, row.message_id or 0)
        code, note, next_at = request.form.get("code", ""), request.form.get("note", ""), _next(uow)
        if delivery is None:
            raise Invalid(_("This call is over, or was cancelled."))
        messages.outcome(uow, delivery.id, code or "-", note, next_at)
        if code == "reached" and request.form.get("status") in ("solved", "pending"):
            tickets.change(uow, row.ticket_id or 0, status=request.form["status"])

    return _done(uow, key, enter, url_for("phone_desk.overview"))


@pages.post("/calls/<key>/allow")
def allow(key: str, uow: UnitOfWork) -> Any:
    """They want to be called again, and said so."""
    return _done(uow, key, lambda row: customers.allow_again(uow, "phone", Address("phone", row.number)))


def _next(uow: UnitOfWork) -> datetime | None:
    """When to call again, as the form says it in the reader's time; Invalid when it is asked for and missing."""
    form = request.form
    if form.get("code") != "promised_again":
        return None
    found = moment_of(form.get("next_day", ""), form.get("next_time", ""), uow.clock())
    if found is None:
        raise Invalid(NO_TIME, {"next_at": NO_TIME})
    return found


def _done(uow: UnitOfWork, key: str, act: Any, url: str = "") -> Any:
    """Do it with a call whose ticket the actor sees; a refusal is said on its page."""
    row = call_backs.get(uow, key)
    tickets.get(uow, row.ticket_id or 0)
    try:
        act(row)
    except HelpdeskError as problem:
        return _shown(uow, "calls", key, problem), problem.status
    return redirect(url or url_for("phone_desk.one", key=key))


@pages.post("/start")
def start(uow: UnitOfWork) -> Any:
    """A call-back inside a ticket; it stays on that ticket."""
    given = request.form
    ticket_id = int(given["ticket"]) if given.get("ticket", "").isdecimal() and len(given["ticket"]) < 18 else 0
    tickets.get(uow, ticket_id)
    own = uow.acting(plugin_actor("phone"))
    wish = {"phone": given.get("phone", ""), "slot": given.get("slot", ""), "words": given.get("words", "")}
    try:
        requests.ask(uow, requests.line(own, ticket_id=ticket_id), wish, ticket_id=ticket_id, source="agent")
    except HelpdeskError as problem:
        flash(render_message(problem))
    return redirect(f"/tickets/{ticket_id}")
