"""What a message carries, handed to a browser so that nothing of it can act: files, the formatted body, remote
pictures (check A4).
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import bindparam, select

from helpdesk.api.downloads import handed, inert
from helpdesk.core.errors import NotFound
from helpdesk.core.tickets import media
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.i18n import current
from helpdesk.web import uow

from . import image_proxy
from .responses import fire

BODY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src 'self'; frame-ancestors "
    "'self'; form-action 'none'; "
    "base-uri 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
OWN = re.compile(r'src="cid:([^"]{1,300})"')
BODY_QUERY = (
    select(Message.id, Message.html, Message.text, Ticket.queue_id, Ticket.assignee_id)
    .join_from(Message, Ticket, Ticket.id == Message.ticket_id)
    .where(Message.id == bindparam("message"))
)  # a conversation has many frames, so each is read past the ORM
CIDS_QUERY = select(Attachment.id, Attachment.cid).where(Attachment.message_id == bindparam("message"))
REMOTE = re.compile(r'data-remote="(https?://[^"]{1,4000})"')


def mount(blueprint: Blueprint) -> None:
    """Put these routes on the ticket's blueprint."""
    blueprint.get("/messages/<int:message_id>/body")(body)
    blueprint.get("/messages/<int:message_id>/text")(text)
    blueprint.get("/messages/<int:message_id>/files/<int:file_id>")(file)
    blueprint.post("/messages/<int:message_id>/files/<int:file_id>/again")(fetch_again)
    blueprint.get("/messages/<int:message_id>/remote")(remote)


def message_of(message_id: int) -> Message:
    """A message of a ticket that the signed-in person sees, else NotFound."""
    message = uow().session.get(Message, message_id) if message_id < 2**63 else None
    if message is None:
        raise NotFound()
    visible_ticket(uow(), message.ticket_id)
    return message


def body(message_id: int) -> Response:
    """The formatted message as a document of its own; its remote pictures only with ``?remote=1``."""
    given = {"message": message_id if message_id < 2**63 else 0}
    message = uow().session.connection().execute(BODY_QUERY, given).one_or_none()
    if message is None or not message.html or not uow().actor.sees(message):
        raise NotFound()
    shown = _with_pictures(message, remote=request.args.get("remote") == "1")
    context = {"html": Markup(shown), "language": current.get().language, "direction": _direction(message.text)}
    response = make_response(render_template("ticket/body.html", **context))
    response.headers["Content-Security-Policy"] = BODY
    return response


def _direction(words: str) -> str:
    """The direction of the first letter: ``dir=auto`` passes over what has a direction of its own, in letters often
    everything.
    """
    kinds = map(unicodedata.bidirectional, words[:2_000])
    return next(("ltr" if kind == "L" else "rtl" for kind in kinds if kind in ("L", "R", "AL")), "auto")


def text(message_id: int) -> Response:
    """The whole text of a message, as plain text."""
    message = message_of(message_id)
    whole = f"{message.text}\n\n{message.quoted}" if message.quoted else message.text
    return inert(Response(whole, mimetype="text/plain"))


def file(message_id: int, file_id: int) -> Response:
    """A file of a message. A raster picture may be shown in place; everything else is only ever saved."""
    message = message_of(message_id)
    attachment = uow().session.get(Attachment, file_id) if file_id < 2**63 else None
    if attachment is None or attachment.message_id != message.id or attachment.state != "ready":
        raise NotFound()
    path = uow().blobs.path(attachment.sha256)
    if not path.exists():
        raise NotFound()
    with path.open("rb") as opened:
        kind = image_proxy.kind_of(opened.read(16))
    return handed(path, attachment.name, shown_as=kind)


def fetch_again(message_id: int, file_id: int) -> Response:
    """Fetch a file once more that could not be fetched."""
    message = message_of(message_id)
    if file_id not in {file.id for file in message.files}:
        raise NotFound()
    media.again(uow(), file_id)
    return fire("ticket:changed", {"ticket": message.ticket_id, "again": message.id})


def remote(message_id: int) -> Response:
    """A picture from elsewhere that this very message names, fetched by the desk."""
    message, wanted = message_of(message_id), request.args.get("u", "")
    if wanted not in {html.unescape(found) for found in REMOTE.findall(message.html)}:
        raise NotFound()
    uow().session.rollback()  # no transaction stays open during an outgoing request
    content, kind = image_proxy.fetch(wanted)
    return inert(Response(content, mimetype=kind))


def _with_pictures(message, remote: bool) -> str:
    files = uow().session.connection().execute(CIDS_QUERY, {"message": message.id}) if OWN.search(message.html) else ()
    own = {file.cid.strip("<>"): file.id for file in files if file.cid}

    def ours(found: re.Match) -> str:
        attachment = own.get(html.unescape(found[1]).strip("<>"))
        return f'src="{url_for("ticket.file", message_id=message.id, file_id=attachment)}"' if attachment else ""

    def theirs(found: re.Match) -> str:
        address = quote(html.unescape(found[1]), safe="")
        return f'src="{url_for("ticket.remote", message_id=message.id)}?u={address}"'

    shown = OWN.sub(ours, message.html)
    return REMOTE.sub(theirs, shown) if remote else shown
