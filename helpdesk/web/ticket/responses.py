"""What the acts on tickets take and answer: files of a form, an event for the page's script, a sentence where something does not fit."""

from __future__ import annotations

import json

from flask import Response, make_response, render_template, request

from helpdesk.core import draft_files
from helpdesk.core.channels import File
from helpdesk.core.errors import HelpdeskError
from helpdesk.language import gettext, say
from helpdesk.web import desk

def files_of(ticket_id: int | None, mode: str) -> list[File]:
    """The files that wait with one's draft, and those that came with the form."""
    given = [File(upload.filename, upload.mimetype, content=upload.read()) for upload in request.files.getlist("files") if upload.filename]
    return draft_files.for_message(desk(), ticket_id, mode) + given


def file_limits() -> dict:
    """How many files a message can have, and of what size, for the page's script and in words."""
    most, largest = draft_files.MOST, draft_files.LARGEST
    told = gettext("Attach files: %(most)s at most, %(size)s MB together", most=most, size=largest // 1_000_000)
    return {"most": most, "largest": largest, "told": told}


def fire(name: str, told: dict) -> Response:
    """An empty answer that fires an event on the page; our scripts do the rest."""
    response = make_response("")
    response.headers["HX-Trigger"] = json.dumps({name: told})
    return response


def problem(error: HelpdeskError):
    """What does not fit, and in which field of the form."""
    field, hint = next(iter(getattr(error, "fields", {}).items()), ("", ""))
    hint = "" if hint == error.sentence else gettext(hint)
    return render_template("ticket/problem.html", sentence=say(error), field=field, hint=hint), 422
