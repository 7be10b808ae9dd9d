"""What the composer asks before a text goes where everybody reads it."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from helpdesk.api.i18n import gettext
from helpdesk.api.web import DeskPages

from . import personal

pages = DeskPages("social", __name__, permission="tickets.write")


@pages.post("/public")
def public(uow) -> Response:
    """A warning with two ways on, or 204 where there is nothing to warn of."""
    kinds = personal.found(request.form.get("text", ""))
    if not kinds:
        return make_response("", 204)
    return make_response(
        render_template("social/warning.html", kinds=[gettext(personal.SENTENCES[one]) for one in kinds])
    )
