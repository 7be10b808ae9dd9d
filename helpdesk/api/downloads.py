"""Files handed to a browser: under a name that hides nothing, and so that nothing in them can act (checks A4, A18)."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from urllib.parse import quote

from flask import Response, send_file

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import digits
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.core.tickets.visibility import visible_ticket

INERT = "default-src 'none'; sandbox"
UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def download(uow: UnitOfWork, message_id: int, file_id: int) -> Response:
    """A file of a message on a ticket the actor may see, to be saved and nothing else: its type is told to nobody and
    nothing in it can act. NotFound while it is not there.
    """
    row = by_id(uow.session, Attachment, file_id)
    if row is None or row.message_id != message_id or row.state != "ready":
        raise NotFound()
    visible_ticket(uow, uow.session.get_one(Message, message_id).ticket_id)
    path = uow.blobs.path(row.sha256)
    if not path.is_file():
        raise NotFound()
    return handed(path, row.name)


def handed(path: Path, name: str, shown_as: str = "") -> Response:
    """The bytes of a file, to be saved under its name; shown in place only when it is of the type ``shown_as``."""
    name, kind = clean_name(name), "inline" if shown_as else "attachment"
    response = send_file(
        path, mimetype=shown_as or "application/octet-stream", as_attachment=not shown_as, download_name=name
    )
    if not name.isascii():
        names = {
            "filename": ascii_name(name),
            "filename*": f"UTF-8''{quote(name, safe='')}",
        }  # RFC 6266: both, for old programs
        response.headers.set("Content-Disposition", kind, **names)
    response.headers["Cache-Control"] = "no-store"  # no cache between us and them keeps it (check A29)
    return inert(response)


def drawn(webp: bytes) -> Response:
    """A picture the desk itself made, to be kept by whoever may see it."""
    response = Response(webp, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return inert(response)


def inert(response: Response) -> Response:
    """The answer as a document in which nothing runs and nothing is fetched."""
    response.headers["Content-Security-Policy"] = INERT
    return response


def clean_name(name: str) -> str:
    """A file name that means the same on every system and hides nothing of itself."""
    clean = UNSAFE_IN_NAMES.sub("_", name).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[:120]}{dot}{ending[:20]}" if clean else "file"


def ascii_name(name: str) -> str:
    """What of a file name every program can write: «فاکتور ۱۲.pdf» is "12.pdf", «سفارش.txt» is "file.txt"."""
    stem, dot, ending = (_ascii(part) for part in name.rpartition("."))
    return f"{stem or 'file'}{dot if ending else ''}{ending}"


def _ascii(text: str) -> str:
    letters = unicodedata.normalize("NFKD", digits(text, "en")).encode("ascii", "ignore").decode()
    return " ".join(letters.split()) if re.search("[A-Za-z0-9]", letters) or letters == "." else ""
