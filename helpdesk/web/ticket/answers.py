"""What the acts on tickets take and answer: files of a form, an event for the page's script, a sentence where something does not fit."""

from __future__ import annotations

import json

from flask import Response, make_response, render_template, request

from helpdesk.core.channels import File
from helpdesk.core.errors import HelpdeskError
from helpdesk.language import gettext, say

FILES = 20  # with one message


def uploads() -> list[File]:
    """The files that came with the form."""
    given = [upload for upload in request.files.getlist("files") if upload.filename][:FILES]
    return [File(upload.filename, upload.mimetype, content=upload.read()) for upload in given]


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
