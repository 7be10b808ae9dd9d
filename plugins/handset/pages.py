"""*Customer's phone*: text messages, a messenger and calls, as the customer has them in their hand."""

from __future__ import annotations

import re
import time

from flask import redirect, render_template, request, url_for

from helpdesk.api.errors import HelpdeskError, Invalid, NotFound, _
from helpdesk.api.settings import is_demo
from helpdesk.api.text import phone_number
from helpdesk.api.web import DeskPages, current_uow
from helpdesk.api.work import UnitOfWork

from . import networks
from .store import Line, Store

APPS = {"sms": "sms", "messenger": "telegram", "call": "phone"}  # and the channels behind them
NUMBER, MOST = "09123456789", 670  # characters of a message
NEXT = {"": ("ringing",), "ringing": ("answered", "missed"), "answered": ("ended",)}
MOBILE = re.compile(r"\+989\d{9}")

pages = DeskPages("handset", __name__, permission="")


def store() -> Store:
    """The demo's phone; NotFound in a desk that is no demo."""
    runtime = current_uow().runtime
    if not is_demo(runtime):
        raise NotFound()
    return Store(runtime.data_dir)


@pages.before_request
def _demo_only() -> None:
    store()


@pages.get("/")
def home(uow: UnitOfWork):
    """The first app whose channel is on."""
    return redirect(url_for("handset.show", app=next(iter(_apps(uow)), "sms"), number=_number()))


@pages.get("/<app>")
def show(app: str, uow: UnitOfWork):
    """One app on the phone."""
    return _shown(app, uow)


@pages.get("/<app>/lines")
def lines(app: str, uow: UnitOfWork):
    """The conversation alone, for the page that waits for news."""
    return render_template("handset/lines.html", **_state(app, uow))


@pages.post("/<app>")
def send(app: str, uow: UnitOfWork):
    """The customer writes a text message, or one in the messenger; there they may also ``tap`` a quick reply."""
    text, number = request.form.get("text", "").strip(), _number()
    try:
        if app not in ("sms", "messenger"):
            raise NotFound()
        if not 0 < len(text) <= MOST:
            raise Invalid(_("Please write something, in at most %(most)s characters."), most=str(MOST))
        network = "tap" if app == "messenger" and "tap" in request.form else app
        networks.play(store(), network, number=number, name=request.form.get("name", "")[:60] or number, text=text)
    except HelpdeskError as problem:
        return _shown(app, uow, problem), problem.status
    store().keep(app, number, text, came=False)
    return redirect(url_for("handset.show", app=app, number=number))


@pages.post("/call/<event>")
def call(event: str, uow: UnitOfWork):
    """The customer's call goes a step further; somebody at the desk picks it up where the page plays them, too."""
    number = _number()
    state, known, began = _call(store().lines("call", number))
    try:
        if event not in NEXT[state]:
            raise NotFound()
        known = known if state else networks.new_call()
        seconds = str(max(1, round(time.time() - began))) if event == "ended" else ""
        networks.play(store(), "call", number=number, call=known, event=event, seconds=seconds)
    except HelpdeskError as problem:
        return _shown("call", uow, problem), problem.status
    store().keep("call", number, f"{event} {known}", came=False)
    return redirect(url_for("handset.show", app="call", number=number))


def _call(lines: list[Line]) -> tuple[str, str, float]:
    """(state, id, since) of the call that is going on; ("", "", 0) while there is none."""
    event, _space, known = lines[-1].text.partition(" ") if lines else ("", "", "")
    return (event, known, lines[-1].at) if NEXT.get(event) and event else ("", "", 0.0)


def _number() -> str:
    """The number whose phone this is, as people write it at home."""
    try:
        found = phone_number(request.values.get("number") or NUMBER)
    except Invalid:
        return NUMBER
    return f"0{found[3:]}" if MOBILE.fullmatch(found) else NUMBER


def _apps(uow: UnitOfWork) -> list[str]:
    return [app for app, channel in APPS.items() if networks.account(uow, channel)]


def _state(app: str, uow: UnitOfWork) -> dict:
    if app not in _apps(uow):
        raise NotFound()
    found = store().lines(app, _number())
    return {"app": app, "apps": _apps(uow), "number": _number(), "lines": found, "calling": _call(found)[0]}


def _shown(app: str, uow: UnitOfWork, problem: HelpdeskError | None = None) -> str:
    typed = request.form.get("text", "") if problem else ""
    return render_template("handset/phone.html", problem=problem, typed=typed, **_state(app, uow))
