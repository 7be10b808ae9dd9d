"""What the composer asks before a text goes where everybody reads it, and the sheet of one answer to many."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from helpdesk.api.errors import HelpdeskError
from helpdesk.api.i18n import gettext
from helpdesk.api.web import DeskPages
from helpdesk.api.work import UnitOfWork

from . import many, personal

pages = DeskPages("social", __name__, permission="tickets.write")


@pages.post("/public")
def public(uow) -> Response:
    """A warning with two ways on, or 204 where there is nothing to warn of."""
    kinds = personal.found(request.form.get("text", ""))
    if not kinds:
        return make_response("", 204)
    return make_response(render_template("social/warning.html", kinds=_words(kinds)))


@pages.get("/many")
def ask(uow: UnitOfWork) -> str:
    """The sheet for the selected ``tickets``: how each would be answered, and the text."""
    return _sheet(uow, _ids(), "")


@pages.post("/many")
def begin(uow: UnitOfWork) -> str:
    """Begin; first ask about what would be left out and about personal data, unless ``sure`` or ``private`` says so."""
    ids, text = _ids(), request.form.get("text", "").strip()
    private = "private" in request.form
    planned = many.plan(uow, ids, text)
    if text and not ({"sure", "private"} & set(request.form)) and (planned.left or planned.personal):
        return _sheet(uow, ids, text, asked=True)
    try:
        return progress(many.begin(uow, ids, text, private=private), uow)
    except HelpdeskError as problem:
        return _sheet(uow, ids, text, problem=problem)


@pages.get("/many/<int:many_id>")
def progress(many_id: int, uow: UnitOfWork) -> str:
    """How far it is; at the end what was left out, by the reason."""
    _many, rows = many.mine(uow, many_id)
    left: dict[str, list[int]] = {}
    for row in rows:
        if row.state == many.LEFT:
            left.setdefault(row.reason, []).append(row.ticket_id)
    waiting = sum(row.state == many.WAITING for row in rows)
    done = sum(row.state == many.DONE for row in rows)
    told = {"all": len(rows), "waiting": waiting, "done": done, "left": left}
    return render_template("social/progress.html", many_id=many_id, **told)


def _sheet(uow: UnitOfWork, ids: list[int], text: str, *, asked: bool = False, problem=None) -> str:
    planned = many.plan(uow, ids, text)
    given = {"ids": ids, "text": text, "plan": planned, "kinds": _words(planned.personal), "asked": asked}
    return render_template("social/many.html", problem=problem, **given)


def _words(kinds: list[str]) -> list[str]:
    return [gettext(personal.SENTENCES[one]) for one in kinds]


def _ids() -> list[int]:
    given = request.values.get("tickets", "").split(",", 2 * many.MOST)[: many.MOST + 1]
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 16]
