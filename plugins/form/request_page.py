"""The page of a request by a signed link: the customer reads it, adds something, closes and reopens it.

Whoever sent the form gets a link, too, but typed an address that may be somebody else's: they see what was written
over that link and may add to it. Everything else, closing too, is for who holds the link that went to the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for

from helpdesk.api import customers, messages, tickets
from helpdesk.api.downloads import download
from helpdesk.api.errors import Invalid, NotFound
from helpdesk.api.i18n import LOCALES, current, gettext, reading
from helpdesk.api.text import plain
from helpdesk.api.web import PublicPages

from . import filing, form, links
from .posts import Post
from .public import BYTES, LARGEST, acting

SHOWN = 200  # messages
LONGEST = 20_000  # characters of an addition
CLOSED = ("solved", "closed")

pages = PublicPages("form_request", __name__, limit="60 per minute", largest=LARGEST, bytes_limit=BYTES)


@dataclass
class Request:
    """A request as the holder of a link sees it; ``ticket`` None while it is being filed."""

    holder: links.Holder
    first: messages.Message | None = None
    ticket: tickets.Ticket | None = None

    @property
    def closed(self) -> bool:
        """True when nobody works on it any more."""
        return bool(self.ticket and self.ticket.status in CLOSED)


def _request(uow, key: str) -> Request:
    holder = links.read(uow, key)
    first = messages.known_as(uow, holder.account_id, holder.thread)
    return Request(holder, first, tickets.get(uow, first.ticket_id) if first else None)


def _seen(uow, of: Request) -> list[messages.Message]:
    """What the customer may read: their own words and, for who proved the address, answers that have left; never a
    note or what was deleted, and no answer where other people take part. Without a proof, only what came over the same
    unproved link.
    """
    said = messages.of_ticket(uow, of.ticket.id, limit=SHOWN)
    standing = [one for one in said if one.deleted_at is None]
    if not of.holder.proved:
        return [one for one in standing if one.kind == "in" and _typed_here(one, of.holder)]
    mine = [one for one in said if one.kind == "in" and one.address == of.first.address]
    alone = len(mine) == sum(one.kind == "in" for one in said)
    return [one for one in standing if one in mine or (alone and one.kind == "out" and _told(one))]


def _typed_here(message: messages.Message, holder: links.Holder) -> bool:
    """True for what somebody wrote over the form or its unproved link; who has the address may have joined since."""
    thread = message.details.get("form", {}).get("thread")
    return message.form == "form" and thread == holder.thread and message.details.get("authentic") is not True


def _told(message: messages.Message) -> bool:
    return message.sent_at is not None and not message.withdrawn and not message.automatic


@pages.get("/ticket/<key>")
def show(key: str, uow):
    """The request as it is now."""
    return _page(acting(uow), key)


@pages.get("/ticket/<key>/<int:message_id>/<int:file_id>")
def file(key: str, message_id: int, file_id: int, uow):
    """A file of a message that the holder of the link may read, to be saved."""
    uow = acting(uow)
    of = _request(uow, key)
    if of.ticket is None or message_id not in {one.id for one in _seen(uow, of)}:
        raise NotFound()
    return download(uow, message_id, file_id)


@pages.post("/ticket/<key>")
def act(key: str, uow):
    """Add something, close or reopen."""
    uow = acting(uow)
    of = _request(uow, key)
    if of.ticket is None:
        raise NotFound()
    what = request.form.get("act", "")
    if what in ("close", "reopen"):
        if not of.holder.proved:
            raise NotFound()
        if of.closed == (what == "reopen"):
            tickets.change(uow, of.ticket.id, status="solved" if what == "close" else "open")
        return redirect(url_for("form_request.show", key=key), 303)
    try:
        _add(uow, of)
    except Invalid as invalid:
        return _page(uow, key, invalid), 422
    return redirect(url_for("form_request.show", key=key, added=1), 303)


def _add(uow, of: Request) -> None:
    text, files = plain(request.form.get("text", ""))[:LONGEST].strip(), form.uploads()
    if not text and not files:
        raise Invalid(gettext("Please write something first."))
    known = filing.key_of(request.form.get("begin", "")[:100], of.holder.thread, text, *filing.digests(files))
    post = Post(
        id=known,
        thread=of.holder.thread,
        email=of.first.address,
        name=of.first.author,
        text=text,
        language=customers.language_of(uow, of.ticket.customer_id),
        proved=of.holder.proved,
    )
    filing.hand_over(uow, of.holder.account_id, post, files)


def _page(uow, key: str, problem: Invalid | None = None) -> str:
    of = _request(uow, key)
    shown = _seen(uow, of) if of.ticket else []
    language = customers.language_of(uow, of.ticket.customer_id) if of.ticket else ""
    with reading(LOCALES.get(request.args.get("lang", ""), LOCALES.get(language, current.get()))):
        return render_template(
            "form/request.html",
            of=of,
            key=key,
            subject=of.ticket.subject if of.ticket and of.holder.proved else "",
            shown=[(one, messages.files(uow, one.id)) for one in shown],
            problem=problem,
            begin=filing.key_of("")[:20],
            added="added" in request.args,
            waits=of.ticket is None,
            most=form.FILES,
        )
