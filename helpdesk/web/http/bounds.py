"""How much a request may hold, in bytes and in items, by who asks and for what; counted before anything of it is
parsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask import Flask, Request, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from helpdesk.core import bounded_json
from helpdesk.core.errors import NotFound
from helpdesk.web import current_user, db


@dataclass(frozen=True)
class Bounds:
    """``body`` and ``text`` in bytes: of everything, and of the fields of a form; ``items`` are its fields and
    files.
    """

    body: int
    text: int
    items: int


STRANGER = Bounds(16 * 1024, 16 * 1024, 50)
PERSON = Bounds(2 * 1024**2, 2 * 1024**2, 2_000)
WITH_FILES = Bounds(64 * 1024**2, 2 * 1024**2, 2_000)


def allow(bounds: Bounds) -> None:
    """Let this request hold so much."""
    request.max_content_length, request.max_form_memory_size, request.max_form_parts = (
        bounds.body,
        bounds.text,
        bounds.items,
    )


def allow_by_asker() -> None:
    """Strangers little, people what forms hold, and files where a form can carry them."""
    request.json_module = bounded_json
    if not current_user():
        allow(STRANGER)
    else:
        allow(WITH_FILES if request.mimetype == "multipart/form-data" else PERSON)


def refuse_endless_ids() -> None:
    """A number in an address that no database can compare (beyond 64 bits) is nobody's."""
    if any(isinstance(value, int) and value >= 2**63 for value in (request.view_args or {}).values()):
        raise NotFound()


def take_body(forms: bool = False) -> None:
    """Read the body, ``forms`` with their files, with no transaction open: a slow sender must not hold a connection
    to the database.
    """
    if request.content_length or request.environ.get("HTTP_TRANSFER_ENCODING"):
        db.session.commit()
        if forms and request.mimetype == "multipart/form-data":
            request.files  # noqa: B018 (reading it is what is wanted)
        else:
            request.get_data()


class Form(FormDataParser):
    """Forms, with the number of fields counted in every encoding."""

    def _parse_urlencoded(self, stream, *given):
        body = stream.read()
        if self.max_form_parts is not None and body.count(b"&") >= self.max_form_parts:
            raise RequestEntityTooLarge
        return super()._parse_urlencoded(BytesIO(body), *given)


class Bounded(Request):
    """A request that reads no more than it is allowed."""

    form_data_parser_class = Form


def register(app: Flask) -> None:
    """Set the bounds of every request of this application."""
    app.request_class = Bounded
    app.before_request(allow_by_asker)
    app.before_request(refuse_endless_ids)
