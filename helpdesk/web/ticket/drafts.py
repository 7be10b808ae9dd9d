"""Drafts and their files: kept while somebody writes, the files as soon as they are chosen."""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.channels.address_types import File
from helpdesk.core.errors import Invalid, _
from helpdesk.core.tickets import draft_files, drafts
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.web import uow

from .composing import how_of
from .responses import problem
from .views import blueprint


@blueprint.post("/tickets/<int:ticket_id>/draft")
def draft(ticket_id: int):
    """Keep what is being written; ``mode`` is reply or note."""
    form = request.form
    drafts.save(uow(), ticket_id, form.get("mode", ""), form.get("text", ""), how_of(form))
    return "", 204


@blueprint.post("/tickets/new/draft")
def keep_opening():
    """Keep what is being written to begin a ticket."""
    drafts.save_opening(uow(), request.form)
    return "", 204


@blueprint.get("/tickets/<int:ticket_id>/draft/files")
def draft_files_of(ticket_id: int):
    """The files of one's draft in ``mode``, as lines."""
    visible_ticket(uow(), ticket_id, "tickets.write")
    return _lines(draft_files.listed(uow(), ticket_id, request.args.get("mode", "")))


@blueprint.post("/tickets/<int:ticket_id>/draft/files")
def add_draft_file(ticket_id: int):
    """Keep ``file`` with the draft in ``mode``; answers its line."""
    return _add(ticket_id, request.form.get("mode", ""))


@blueprint.post("/tickets/new/draft/files")
def add_opening_file():
    """Keep ``file`` with what begins a ticket; answers its line."""
    return _add(None, "opening")


@blueprint.post("/drafts/files/<int:file_id>/remove")
def remove_draft_file(file_id: int):
    """Take a file out of one's draft."""
    draft_files.remove(uow(), file_id)
    return "", 204


def _add(ticket_id: int | None, mode: str):
    if ticket_id is None:
        uow().actor.must("tickets.write")
    else:
        visible_ticket(uow(), ticket_id, "tickets.write")
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise Invalid(_("Please choose a file."))
        kept = draft_files.add(uow(), ticket_id, mode, File(upload.filename, upload.mimetype, content=upload.read()))
    except Invalid as invalid:
        return problem(invalid)
    return _lines([kept]), 201


def _lines(files: list) -> str:
    return render_template("ticket/draft_files.html", files=files)
