"""What an error looks like: a page, a line inside a page, or JSON, always with one clear sentence and never with its
insides.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from helpdesk import i18n
from helpdesk.core.database.engine import is_transient
from helpdesk.core.errors import HelpdeskError, NotFound, TooMuch, _, out_of_space
from helpdesk.i18n import gettext, render_message, render_stored
from helpdesk.web.session import is_public

from .locale import guest

AFTER = 5  # seconds after which a request may work that did not for reasons of the moment

log = logging.getLogger("hamdel.web")

WORDS = {
    400: _("The desk could not understand this request. Please go back and try again."),
    401: _("Please sign in first."),
    403: _("Your role does not allow this."),
    404: NotFound().sentence,
    405: _("This address cannot be used that way."),
    408: _("The rest of this request did not come in time. Please send it again."),
    413: TooMuch().sentence,
    415: _("This kind of content is not understood here."),
    429: _("Too many tries. Please wait a while and try again."),
    503: _("The desk cannot do this right now. Please try again in a moment."),
}
FULL = _("The desk has no space left on its disk, so this was not stored. Please tell your administrator.")
STALE = _("This page is too old to be sent. Please load it again and repeat what you did.")
FAULT = _("Something went wrong on our side. Please tell your administrator the number %(reference)s.")


def of_the_core(error: HelpdeskError) -> Response:
    """An error of the core: its own sentence and status."""
    if error.status >= 500 and not hasattr(error, "after"):
        log.warning("%s: %s", type(error).__name__, error)
    fields = {name: render_stored(text) for name, text in getattr(error, "fields", {}).items()}
    response = answer(error.status, render_message(error), fields, error.more)
    if getattr(error, "after", None):
        response.headers["Retry-After"] = str(int(error.after))
    return response


def of_the_web(error: HTTPException) -> Response:
    """An error of HTTP: our sentence for its status, its own headers (Allow, Retry-After)."""
    if isinstance(error, CSRFError):
        return answer(403, gettext(STALE))
    if error.code is None or error.code < 400:
        return error.get_response()
    response = answer(error.code, gettext(WORDS.get(error.code, WORDS[400])))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def of_the_moment(error: Exception) -> Response:
    """The database is away or the disk is full: nothing was written, and the next try may work (TRUST D06, D08)."""
    log.warning("%s at %s %s", type(error).__name__, request.method, request.url_rule or "unknown address")
    g.user, g._login_user = None, AnonymousUserMixin()  # the page that says so must not ask the database who reads it
    g.pop("uow", None)
    i18n.current.set(guest())
    full = out_of_space(error)
    response = answer(507 if full else 503, gettext(FULL if full else WORDS[503]))
    response.headers["Retry-After"] = str(AFTER)
    return response


def of_ours(error: Exception) -> Response:
    """A fault: a number for the person, everything else for the log."""
    if is_transient(error):
        return of_the_moment(error)
    reference = secrets.token_hex(4)
    log.error("fault %s at %s %s", reference, request.method, request.url_rule or "unknown address", exc_info=error)
    return answer(500, gettext(FAULT, reference=reference))


def answer(status: int, sentence: str, fields: dict[str, str] | None = None, more: Mapping | None = None) -> Response:
    """The sentence in the form the asker reads; problems in JSON are those of RFC 9457, with ``more`` beside."""
    if wants_json():
        problem = (
            {"type": "about:blank", "status": status, "title": sentence}
            | ({"errors": fields} if fields else {})
            | dict(more or {})
        )
        response = jsonify(problem)
        response.mimetype = "application/problem+json"
    else:
        template = "http/line.html" if request.headers.get("HX-Request") else "http/problem.html"
        staff = not is_public(request.path)
        response = make_response(
            render_template(template, sentence=sentence, fields=fields or {}, status=status, staff=staff)
        )
    response.status_code = status
    return response


def wants_json() -> bool:
    """True for a script that asks for JSON and for everything of the API."""
    accepted = request.accept_mimetypes
    return request.path.startswith("/api/") or (accepted.accept_json and not accepted.accept_html)


def register(app: Flask) -> None:
    """Answer every error of this application."""
    app.register_error_handler(HelpdeskError, of_the_core)
    app.register_error_handler(HTTPException, of_the_web)
    app.register_error_handler(Exception, of_ours)
