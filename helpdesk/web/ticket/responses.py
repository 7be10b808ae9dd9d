"""What the acts on tickets take and answer: files of a form, an event for the page's script, a sentence where
something does not fit.
"""

from __future__ import annotations

import json

from flask import Response, make_response, render_template, request

from helpdesk.core.channels.address_types import File
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.journal import journal
from helpdesk.core.tickets import draft_files
from helpdesk.i18n import gettext, render_message
from helpdesk.web import uow


def files_of(ticket_id: int | None, mode: str) -> list[File]:
    """The files that wait with one's draft, and those that came with the form."""
    given = [
        File(upload.filename, upload.mimetype, content=upload.read())
        for upload in request.files.getlist("files")
        if upload.filename
    ]
    return draft_files.for_message(uow(), ticket_id, mode) + given


def file_limits() -> dict:
    """How many files a message can have, and of what size, for the page's script and in words."""
    most, largest = draft_files.MOST, draft_files.LARGEST
    detail = gettext("Attach files: %(most)s at most, %(size)s MB together", most=most, size=largest // 1_000_000)
    return {"most": most, "largest": largest, "detail": detail}


def fire(name: str, detail: dict) -> Response:
    """An empty answer that fires an event on the page; our scripts do the rest.

    ``seq`` is the number of the ticket's newest event: the page waits for what the socket brings up to it.
    """
    response = make_response("")
    detail = detail | {"seq": journal.last_of(uow(), detail["ticket"])} if "ticket" in detail else detail
    response.headers["HX-Trigger"] = json.dumps({name: detail})
    return response


def problem(error: HelpdeskError):
    """What does not fit, and in which field of the form."""
    field, hint = next(iter(getattr(error, "fields", {}).items()), ("", ""))
    hint = "" if hint == error.sentence else gettext(hint)
    return render_template("ticket/problem.html", sentence=render_message(error), field=field, hint=hint), 422
