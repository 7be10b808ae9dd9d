"""The pages of outgoing webhooks: the list, the form of an endpoint, and the log of what it was told."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from helpdesk.api.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.api.i18n import gettext, ngettext
from helpdesk.api.web import DeskPages

from . import calls, endpoints, form
from .tables import FAILED, HELD, STATES, WAITING, Endpoint

PAGE = 50

pages = DeskPages("webhook", __name__, permission=endpoints.MANAGE)


@pages.get("/")
def home(uow):
    """All endpoints and how they do."""
    rows = endpoints.listed(uow)
    counts = {row.id: {state: calls.count(uow, row.id, state) for state in (WAITING, HELD, FAILED)} for row in rows}
    last = {row.id: next(iter(calls.page(uow, row.id, limit=1)), None) for row in rows}
    return render_template("webhook/list.html", rows=rows, counts=counts, last=last)


@pages.get("/new")
def write(uow):
    """The form of a new one."""
    return _form(uow, None, form.EMPTY)


@pages.post("/new")
def add(uow):
    """A new endpoint; a secret that the desk made is shown now and never again."""
    given = form.given_of(request.form)
    try:
        endpoint_id, secret = endpoints.add(uow, given)
    except Invalid as problem:
        return _form(uow, None, given, problem), problem.status
    if secret:
        return render_template("webhook/secret.html", endpoint=endpoints.get(uow, endpoint_id), secret=secret)
    flash(gettext("Saved."))
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))


@pages.get("/<int:endpoint_id>/edit")
def edit(uow, endpoint_id: int):
    """One endpoint in its form."""
    row = endpoints.get(uow, endpoint_id)
    return _form(uow, row, form.typed_of(row))


@pages.post("/<int:endpoint_id>/edit")
def change(uow, endpoint_id: int):
    """Save the form."""
    given, row = form.given_of(request.form), endpoints.get(uow, endpoint_id)
    try:
        endpoints.change(uow, endpoint_id, given)
    except Invalid as problem:
        return _form(uow, row, given, problem), problem.status
    flash(gettext("Saved."))
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))


def _form(uow, row: Endpoint | None, given: dict, problem: HelpdeskError | None = None) -> str:
    errors = problem.fields if isinstance(problem, Invalid) else {}
    return render_template(
        "webhook/edit.html", endpoint=row, given=given, problem=problem, errors=errors, kinds=form.kinds(uow)
    )


@pages.get("/<int:endpoint_id>")
def log(uow, endpoint_id: int):
    """What it was told, newest first, with what came of it."""
    return render_template("webhook/log.html", **_log(uow, endpoint_id), spans=form.SPANS)


@pages.get("/<int:endpoint_id>/rows")
def rows(uow, endpoint_id: int):
    """The same rows alone, for the page that waits for an answer."""
    return render_template("webhook/rows.html", **_log(uow, endpoint_id))


def _log(uow, endpoint_id: int) -> dict:
    asked, before = request.args.get("state", ""), request.args.get("before", "")
    state = asked if asked in STATES else ""
    after = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else 0
    found = calls.page(uow, endpoint_id, state=state, before=after, limit=PAGE + 1)
    return {
        "endpoint": endpoints.get(uow, endpoint_id),
        "calls": found[:PAGE],
        "more": found[PAGE - 1].id if len(found) > PAGE else None,
        "before": after,
        "state": state,
        "states": STATES,
        "held": calls.count(uow, endpoint_id, HELD),
        "waits": any(call.state == WAITING for call in found[:PAGE]),
    }


@pages.post("/<int:endpoint_id>/ping")
def ping(uow, endpoint_id: int):
    """A test call; the log shows what comes of it."""
    return _done(lambda: calls.ping(uow, endpoint_id), endpoint_id, gettext("A test is on its way."))


@pages.post("/<int:endpoint_id>/replay")
def replay_since(uow, endpoint_id: int):
    """Everything of a span of time again."""
    span = form.SPANS.get(request.form.get("span", ""))
    if span is None:
        raise NotFound()
    try:
        number = calls.replay_since(uow, endpoint_id, uow.clock() - span[1])
    except Invalid as problem:
        return _refused(problem, endpoint_id)
    flash(ngettext("%(num)s event is sent again.", "%(num)s events are sent again.", number))
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))


@pages.post("/calls/<int:call_id>/replay")
def replay(uow, call_id: int):
    """One call again."""
    endpoint_id = calls.get(uow, call_id).endpoint_id
    return _done(lambda: calls.replay(uow, call_id), endpoint_id, gettext("It is sent again."))


@pages.post("/<int:endpoint_id>/switch")
def switch(uow, endpoint_id: int):
    """On or off."""
    active = "on" in request.form
    endpoints.switch(uow, endpoint_id, active)
    flash(gettext("It is on.") if active else gettext("It is off; what happens meanwhile is held for a month."))
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))


@pages.post("/<int:endpoint_id>/secret")
def exchange_secret(uow, endpoint_id: int):
    """A new secret in place of the old one, shown now and never again."""
    secret = endpoints.exchange_secret(uow, endpoint_id)
    return render_template("webhook/secret.html", endpoint=endpoints.get(uow, endpoint_id), secret=secret)


@pages.post("/<int:endpoint_id>/delete")
def delete(uow, endpoint_id: int):
    """It is told nothing any more."""
    name = endpoints.get(uow, endpoint_id).name
    endpoints.delete(uow, endpoint_id)
    flash(gettext("“%(name)s” is deleted.", name=name))
    return redirect(url_for("webhook.home"))


def _done(act, endpoint_id: int, told: str):
    try:
        act()
    except (Invalid, Conflict) as problem:
        return _refused(problem, endpoint_id)
    flash(told)
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))


def _refused(problem: HelpdeskError, endpoint_id: int):
    flash(gettext(problem.sentence))
    return redirect(url_for("webhook.log", endpoint_id=endpoint_id))
