"""What customers see: asking for a call, and the page of one's own call to move or cancel it. No script is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request

from helpdesk.api import accounts, slots, waiting
from helpdesk.api.accounts import Account
from helpdesk.api.errors import HelpdeskError
from helpdesk.api.i18n import LOCALES, current, reading
from helpdesk.api.text import phone_for_reading
from helpdesk.api.web import PublicPages, network_place, open_link
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs, promise, requests
from .requests import ASK, MINE

ZONES = (
    "Asia/Tehran", "Asia/Dubai", "Asia/Istanbul", "Asia/Kabul", "Europe/London", "Europe/Berlin", "Europe/Paris",
    "Europe/Stockholm", "America/New_York", "America/Toronto", "America/Los_Angeles", "Australia/Sydney", "UTC",
)  # fmt: skip
pages = PublicPages("phone", __name__, limit="60 per minute", largest=16_384)


# Asking ---------------------------------------------------------------------------------------------------------------


@pages.get("/<key>/")
def form(key: str, uow: UnitOfWork) -> str:
    """The form of a line."""
    return _form(uow, requests.line(uow, key))


@pages.post("/<key>/")
def asked(key: str, uow: UnitOfWork) -> Any:
    """Keep the wish and lead to its page."""
    return _ask(uow, requests.line(uow, key), source="page")


@pages.get("/ask/<key>")
def form_of_ticket(key: str, uow: UnitOfWork) -> str:
    """The form behind a link in a mail: the call belongs to the ticket of that mail."""
    uow = uow.acting(plugin_actor("phone"))
    ticket_id = open_link(uow, key, ASK)["ticket"]
    known = {"name": requests.name_of(uow, ticket_id), "zone": request.args.get("zone", "")}
    return _form(uow, requests.line(uow, ticket_id=ticket_id), known)


@pages.post("/ask/<key>")
def asked_of_ticket(key: str, uow: UnitOfWork) -> Any:
    """The same, kept."""
    uow = uow.acting(plugin_actor("phone"))
    ticket_id = open_link(uow, key, ASK)["ticket"]
    return _ask(uow, requests.line(uow, ticket_id=ticket_id), source="mail", ticket_id=ticket_id)


def _ask(uow: UnitOfWork, account: Account, *, source: str, ticket_id: int | None = None) -> Any:
    uow, given = uow.acting(plugin_actor("phone")), request.form
    wish = {name: given.get(name, "") for name in ("phone", "name", "words", "zone")}
    wish["slot"] = given.get("slot", "") if given.get("when") == "slot" else ""
    with reading(_reader(given.get("zone"), account)):
        try:
            if given.get("when") == "slot" and not wish["slot"]:
                requests.read_slot("-")
            row = requests.ask(uow, account, wish, place=network_place(), ticket_id=ticket_id, source=source)
        except HelpdeskError as problem:
            return _form(uow, account, given, problem), problem.status
    return redirect(requests.link_to(uow, row))


def _form(
    uow: UnitOfWork, account: Account, given: Mapping[str, str] | None = None, problem: HelpdeskError | None = None
) -> str:
    uow = uow.acting(plugin_actor("phone"))
    with reading(_reader((given or request.args).get("zone"), account)) as reader:
        shown = {"days": days(uow, account), "zone": reader.timezone, "zones": ZONES, "given": given or {}}
        return render_template("phone/ask.html", problem=problem, soon=soon(uow, account), **shown)


def soon(uow: UnitOfWork, account: Account) -> dict[str, Any]:
    """What can honestly be said of a call as soon as possible: {minutes} (low, high) or None, {ahead}, {opens} when the
    line is closed now.
    """
    opens = slots.opening(account.settings, uow.clock())
    place = waiting.estimate(uow, promise.LINE.name, account.queue_id)
    known = place.low is not None and place.high is not None and opens is not None and opens <= uow.clock()
    minutes = (max(1, place.low // 60), max(1, -(-place.high // 60))) if known else None
    closed = opens is None or opens > uow.clock()
    return {"minutes": minutes, "ahead": place.position - 1, "opens": promise.moment(opens) if closed and opens else ""}


def days(uow: UnitOfWork, account: Account) -> list[dict[str, Any]]:
    """The days that can be booked, by the reader's clock and calendar, each with its slots and what is free of them."""
    taken = call_backs.taken(uow, account.id, uow.clock())
    return slots.days(account.settings, uow.clock(), taken, int(account.settings["slot_calls"]))


def _reader(zone: str | None, account: Account) -> Any:
    """Who reads: the language of the address (?lang=) or of the browser, in their own zone."""
    chosen = LOCALES.get(request.args.get("lang", ""), current.get())
    return replace(chosen, timezone=requests.read_zone(zone, str(account.settings["zone"])))


# One's own call -------------------------------------------------------------------------------------------------------


@pages.get("/mine/<key>")
def mine(key: str, uow: UnitOfWork) -> str:
    """How it stands with one's call."""
    return _mine(uow, key)


@pages.post("/mine/<key>")
def change(key: str, uow: UnitOfWork) -> Any:
    """Move or cancel it."""
    uow = uow.acting(plugin_actor("phone"))
    row = call_backs.get(uow, open_link(uow, key, MINE)["call"])
    account, wanted = accounts.get(uow, row.account_id), request.form.get("act", "")
    try:
        if wanted == "cancel":
            promise.call_off(uow, row)
        elif wanted in ("move", "soon"):
            slot = requests.read_slot(request.form.get("slot") or "-") if wanted == "move" else None
            promise.moved(uow, call_backs.move(uow, account, row.key, slot))
    except HelpdeskError as problem:
        return _mine(uow, key, problem), problem.status
    return redirect(request.path)


def _mine(uow: UnitOfWork, key: str, problem: HelpdeskError | None = None) -> str:
    uow = uow.acting(plugin_actor("phone"))
    row = call_backs.get(uow, open_link(uow, key, MINE)["call"])
    account = accounts.get(uow, row.account_id)
    reader = replace(LOCALES.get(request.args.get("lang", row.language), current.get()), timezone=row.zone)
    with reading(reader):
        entry = waiting.get(uow, row.entry_id) if row.entry_id and row.state == "waiting" else None
        place = waiting.place(uow, entry.id) if entry and entry.open else None
        shown = {
            "row": row,
            "when": promise.moment(row.slot_at) if row.slot_at else "",
            "until": promise.moment(row.promised_at),
            "place": place,
            "minutes": -(-place.high // 60) if place and place.high is not None else None,
            "number": phone_for_reading(row.number)[0] or row.number,
            "open": row.state in call_backs.OPEN,
        }
        more = {"days": days(uow, account), "zone": row.zone, "problem": problem}
        return render_template("phone/mine.html", **shown, **more)
