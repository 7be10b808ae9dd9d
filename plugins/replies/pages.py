"""The page of saved replies: one's own, those of one's teams and the desk's; writing, deleting, carrying in and out."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, send_file, url_for

from helpdesk.api import people, variables
from helpdesk.api.errors import Conflict, Forbidden, HelpdeskError, Invalid, NotFound
from helpdesk.api.i18n import LOCALES, gettext
from helpdesk.api.web import DeskPages

from . import exchange, store
from .form import choices, given_of, typed_of, uploads

pages = DeskPages("replies", __name__, permission=store.WRITE)


@pages.get("/")
def home(uow):
    """The replies by folder, those with the words that are asked for."""
    return _list(uow)


def _list(uow, report: exchange.Report | None = None) -> str:
    query = request.args.get("q", "")
    rows = store.find(uow, query)
    found = {"rows": rows, "query": query, "full": len(rows) == store.PAGE, "report": report}
    teams = {team.id: team.name for team in people.teams(uow)}
    deleted = _deleted(uow)
    return render_template("replies/list.html", **found, teams=teams, deleted=deleted, largest=exchange.LARGEST)


def _deleted(uow):
    """The reply that was deleted just now, to be brought back."""
    number = request.args.get("deleted", "")
    try:
        return store.changeable(uow, int(number), deleted=True) if number.isascii() and number.isdecimal() else None
    except (NotFound, Forbidden):
        return None


@pages.get("/new")
def write(uow):
    """The form of a new one."""
    return _form(uow, None, typed_of(None))


@pages.post("/new")
def add(uow):
    """Write a new one."""
    given = given_of(request.form)
    try:
        reply_id = store.add(uow, given, store.stored(uow, uploads()))
    except Invalid as problem:
        return _form(uow, None, given, problem), problem.status
    flash(gettext("Saved."))
    return redirect(url_for("replies.show", reply_id=reply_id))


@pages.get("/<int:reply_id>")
def show(uow, reply_id: int):
    """One reply in its form; read only for whoever may not change it."""
    row = store.get(uow, reply_id)
    return _form(uow, row, typed_of(row))


@pages.post("/<int:reply_id>")
def change(uow, reply_id: int):
    """Write it anew; when somebody changed it meanwhile, that is said first."""
    given, row = given_of(request.form), store.changeable(uow, reply_id)
    version = request.form.get("version", "")
    kept = [file for number, file in enumerate(row.files) if str(number) not in request.form.getlist("drop")]
    try:
        files = store.stored(uow, uploads(), kept)
        store.change(uow, reply_id, given, int(version) if version.isascii() and version.isdecimal() else None, files)
    except (Invalid, Conflict) as problem:
        return _form(uow, store.get(uow, reply_id), given, problem), problem.status
    flash(gettext("Saved."))
    return redirect(url_for("replies.show", reply_id=reply_id))


def _form(uow, row, given: dict, problem: HelpdeskError | None = None) -> str:
    """The form; what does not fit is said at its field."""
    errors = problem.fields if isinstance(problem, Invalid) else {}
    shown = {
        "reply": row,
        "given": given,
        "problem": problem,
        "errors": errors,
        "languages": sorted(LOCALES, reverse=True),
    }
    may = row is None or store.may_change(uow, row)
    return render_template(
        "replies/reply.html",
        **shown,
        **choices(uow, row, given),
        variables=variables.known(uow),
        may=may,
        folders=store.folders(uow),
    )


@pages.post("/<int:reply_id>/delete")
def delete(uow, reply_id: int):
    """Out of every list; the next page has the way back."""
    store.delete(uow, reply_id)
    return redirect(url_for("replies.home", deleted=reply_id))


@pages.post("/<int:reply_id>/restore")
def restore(uow, reply_id: int):
    """Bring back what was deleted."""
    store.restore(uow, reply_id)
    return redirect(url_for("replies.show", reply_id=reply_id))


@pages.get("/<int:reply_id>/files/<int:number>")
def file(uow, reply_id: int, number: int) -> Response:
    """A file of a reply, only ever saved."""
    row = store.get(uow, reply_id)
    if number >= len(row.files):
        raise NotFound()
    kept = row.files[number]
    path = uow.blobs.path(kept["sha256"])
    if not path.exists():
        raise NotFound()
    return send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=kept["name"])


@pages.get("/export.<kind>")
def export(uow, kind: str) -> Response:
    """What the person sees, as our own JSON or as CSV."""
    if kind not in exchange.WRITERS:
        raise NotFound()
    content, mimetype = exchange.WRITERS[kind](uow, store.find(uow, limit=store.MOST))
    response = make_response(content)
    response.headers["Content-Type"] = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="saved-replies.{kind}"'
    return response


@pages.post("/import")
def carry_in(uow):
    """Take in a file; what was refused is told line by line, and the rest stays."""
    chosen = request.files.get("file")
    try:
        if not chosen or not chosen.filename:
            raise Invalid(exchange.CHOOSE)
        return _list(uow, exchange.read(uow, chosen.filename, chosen.read(exchange.LARGEST + 1)))
    except Invalid as problem:
        return _list(uow, exchange.Report(0, [], problem)), problem.status
