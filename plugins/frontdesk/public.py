"""The public pages of the front desk: the kiosk, and the page on a visitor's phone."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import segno
from flask import redirect, render_template, request, url_for
from markupsafe import Markup

from helpdesk.api import accounts, waiting
from helpdesk.api.errors import Conflict, Invalid, NotFound
from helpdesk.api.i18n import LOCALES, current, reading
from helpdesk.api.web import PublicPages, network_place, open_link, signed_link

from . import appointments, limits, visits
from .tables import Visit

PLACE, SLIP = "frontdesk.place", "frontdesk.slip"
VALID = timedelta(hours=16)

kiosk = PublicPages("frontdesk_kiosk", __name__, limit="120 per minute")
taking = PublicPages("frontdesk_taking", __name__, limit="12 per minute")  # or one visitor could fill the line
phone = PublicPages("frontdesk_phone", __name__, limit="600 per minute")


@contextmanager
def language(default: str = ""):
    """The language that the page was asked in, else that of the browser."""
    wanted = request.args.get("lang", "") or default
    with reading(LOCALES.get(wanted, current.get())) as reader:
        yield reader


def account_of(uow, key: str) -> accounts.Account:
    """The front desk a public address names; NotFound while it is off."""
    account = accounts.by_key(uow, key)
    if account.channel != "frontdesk" or not account.active:
        raise NotFound()
    return account


@kiosk.get("/<key>/kiosk")
def begin(uow, key: str):
    """What brings you here?"""
    account = account_of(uow, key)
    with language():
        return _kiosk(uow, account)


def _kiosk(
    uow, account: accounts.Account, problem: Exception | None = None, topic: str = "", coming: bool = False
) -> str:
    uow = uow.acting(visits.ACTOR)
    told = waiting.estimate(uow, visits.KIND.name, account.queue_id)
    facts: dict[str, Any] = {"account": account, "topics": visits.topics(account), "topic": topic, "problem": problem}
    facts |= {"coming": coming, "device": request.args.get("device", "")[:500]}
    return render_template("frontdesk/kiosk.html", **facts, ahead=len(visits.there(uow, account.id)), told=told)


@kiosk.get("/<key>/kiosk/appointment")
def coming(uow, key: str):
    """Who has an appointment types its code."""
    account = account_of(uow, key)
    with language():
        return _kiosk(uow, account, coming=True)


@taking.post("/<key>/kiosk/appointment")
def check_in(uow, key: str):
    """They are here."""
    account = account_of(uow, key)
    with language() as reader:
        try:
            own, given = uow.acting(visits.ACTOR), (request.form.get("code", ""), reader.language)
            limits.count(own, account.id, network_place(), request.args.get("device", ""))  # codes could be guessed
            visit = appointments.check_in(own, account, *given)
        except (Invalid, Conflict) as problem:
            return _kiosk(uow, account, problem, coming=True), problem.status
        return _to_slip(uow, visit, reader.language)


def _to_slip(uow, visit: Visit, language: str):
    path = signed_link(uow, "/p/frontdesk/slip", SLIP, timedelta(minutes=2), visit=visit.id)
    device = request.args.get("device", "")[:500]
    return redirect(f"{path.removeprefix(uow.runtime.config.url)}?{urlencode({'lang': language, 'device': device})}")


@taking.post("/<key>/kiosk")
def take(uow, key: str):
    """Take a number."""
    account, topic = account_of(uow, key), request.form.get("topic", "")[:120]
    with language() as reader:
        try:
            if account.settings["phone"] and "phone" not in request.form and topic in visits.topics(account):
                return _kiosk(uow, account, topic=topic)
            typed = request.form.get("phone", "")[:40] if account.settings["phone"] else ""
            own = uow.acting(visits.ACTOR)
            if topic in visits.topics(account):
                limits.count(own, account.id, network_place(), request.args.get("device", ""))
            visit = visits.take_number(own, account, topic, reader.language, typed)
        except (Invalid, Conflict) as problem:
            return _kiosk(uow, account, problem, topic), problem.status
        return _to_slip(uow, visit, reader.language)


@kiosk.get("/slip/<key>")
def slip(uow, key: str):
    """The number with a code that leads a phone to its place in the line; two minutes later it is nobody's."""
    visit = visits.get(uow, open_link(uow, key, SLIP)["visit"])
    account = accounts.get(uow, visit.account_id)
    with language(visit.language):
        link = signed_link(uow, "/p/frontdesk/place", PLACE, VALID, visit=visit.id)
        place = visits.place(uow.acting(visits.ACTOR), visit)
        return render_template(
            "frontdesk/slip.html",
            account=account,
            visit=visit,
            place=place,
            code=code(link),
            link=link,
            device=request.args.get("device", "")[:500],
        )


def code(link: str) -> Markup:
    """A QR code as SVG without style of its own (ISO/IEC 18004, by segno)."""
    drawn = segno.make(link, error="m", micro=False)
    return Markup(drawn.svg_inline(border=0, svgclass="qr", lineclass="qr-ink", omitsize=True))  # noqa: S704


@phone.get("/place/<key>")
def place(uow, key: str):
    """Where a visitor stands, for their phone."""
    visit = visits.get(uow, open_link(uow, key, PLACE)["visit"])
    with language(visit.language):
        return _place(uow, visit, key, "frontdesk/place.html")


@phone.get("/place/<key>/now")
def place_now(uow, key: str):
    """The same alone, for the page that asks again."""
    visit = visits.get(uow, open_link(uow, key, PLACE)["visit"])
    with language(visit.language):
        return _place(uow, visit, key, "frontdesk/standing.html")


def _place(uow, visit: Visit, key: str, template: str) -> str:
    told = visits.place(uow.acting(visits.ACTOR), visit)
    account = accounts.get(uow, visit.account_id)
    return render_template(template, visit=visit, place=told, key=key, account=account)


@phone.post("/place/<key>/leave")
def leave(uow, key: str):
    """A visitor gives their number back."""
    visit = visits.get(uow, open_link(uow, key, PLACE)["visit"])
    visits.leave(uow.acting(visits.ACTOR), visit)
    return redirect(url_for("frontdesk_phone.place", key=key, lang=request.args.get("lang", "")))
