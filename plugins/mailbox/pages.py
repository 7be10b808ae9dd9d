"""*Customer's mailbox*: what the desk sent as a mail program shows it, and the customer's own pen."""

from __future__ import annotations

import base64
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from flask import Response, redirect, render_template, request, url_for

from helpdesk.api.errors import Invalid, NotFound, Unavailable
from helpdesk.api.i18n import datetime_
from helpdesk.api.settings import is_demo
from helpdesk.api.web import DeskPages, current_uow

from . import letters
from .store import Store, header, people

VIEWS = ("page", "text", "headers", "source")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
LONGEST = 200_000  # characters of source that are shown

pages = DeskPages("mailbox", __name__, permission="")


def store() -> Store:
    """The demo's mails; NotFound in a desk that is no demo."""
    runtime = current_uow().runtime
    if not is_demo(runtime):
        raise NotFound()
    return Store(runtime.data_dir)


@pages.before_request
def _demo_only() -> None:
    store()


@pages.get("/")
def home():
    """The list, and the newest answer of the desk beside it, or the pen when there is none."""
    newest = next((line for line in store().lines() if line.came), None)
    return _shown(newest.key) if newest else _pen()


@pages.get("/list")
def lines():
    """The list alone, for the page that waits for news."""
    return render_template("mailbox/list.html", lines=store().lines(), open=request.args.get("open"))


@pages.get("/new")
def write():
    """The pen."""
    return _pen()


@pages.post("/new")
def send():
    """A new mail from a customer to the desk."""
    form = request.form
    try:
        words = (form.get("text", ""), form.get("html", ""))
        mail = letters.compose(
            form.get("name", ""), form.get("address", ""), form.get("subject", ""), *words, files=_files()
        )
        key = store().keep(letters.send(mail), came=False)
    except (Invalid, Unavailable) as problem:
        return _pen(problem), problem.status
    return redirect(url_for("mailbox.show", key=key))


@pages.get("/<key>")
def show(key: str):
    """One mail in one of the VIEWS."""
    return _shown(key)


@pages.get("/<key>/page")
def page(key: str):
    """The mail's own HTML, for a frame in which nothing runs and nothing is fetched."""
    mail = _mail(key)
    part = mail.get_body(("html",))
    response = Response(_with_pictures(part.get_content(), mail) if part else "", mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@pages.post("/<key>/answer")
def answer(key: str):
    """The customer answers a mail of the desk."""
    try:
        mail = letters.answer(_mail(key), request.form.get("text", ""), _files())
        sent = store().keep(letters.send(mail), came=False)
    except (Invalid, Unavailable) as problem:
        return _shown(key, problem), problem.status
    return redirect(url_for("mailbox.show", key=sent))


@pages.get("/<key>/files/<int:number>")
def file(key: str, number: int):
    """An attachment, to be saved."""
    found = list(_mail(key).iter_attachments())
    if number >= len(found):
        raise NotFound()
    response = Response(found[number].get_payload(decode=True) or b"", mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=found[number].get_filename() or "file")
    return response


def _mail(key: str) -> EmailMessage:
    mail = store().read(key)
    if mail is None:
        raise NotFound()
    return mail


def _date(written: str) -> str:
    """The moment of a Date field by the reader's clock, calendar and digits; what is no moment stays as it was
    written.
    """
    try:
        return datetime_(parsedate_to_datetime(written))
    except (ValueError, TypeError):
        return written


def _shown(key: str, problem=None) -> str:
    mail = _mail(key)
    html = mail.get_body(("html",)) is not None
    view = request.args.get("view") if request.args.get("view") in VIEWS else "page" if html else "text"
    return render_template(
        "mailbox/mail.html",
        lines=store().lines(),
        open=key,
        came=key.endswith("-in"),
        subject=header(mail, "Subject"),
        date=_date(header(mail, "Date")),
        people={name: people(mail, name) for name in ("From", "To", "Cc")},
        view=view,
        views=VIEWS if html else VIEWS[1:],
        text=letters.plain_text(mail),
        headers=[(name, str(value)) for name, value in mail.raw_items()],
        source=store().raw(key)[:LONGEST].decode("utf-8", "replace") if view == "source" else "",
        files=[(number, part.get_filename() or "file") for number, part in enumerate(mail.iter_attachments())],
        problem=problem,
        typed=request.form.get("text", "") if problem else "",
    )


def _pen(problem=None) -> str:
    return render_template(
        "mailbox/write.html", lines=store().lines(), open="new", problem=problem, typed=request.form if problem else {}
    )


def _files() -> list[tuple[str, str, bytes]]:
    return [(file.filename, file.mimetype, file.read()) for file in request.files.getlist("files") if file.filename]


def _with_pictures(html: str, mail: EmailMessage) -> str:
    """The mail's own pictures written into its page: a frame without an origin can fetch nothing."""
    own = {
        part.get("Content-ID", "").strip("<> "): part for part in mail.walk() if part.get_content_maintype() == "image"
    }

    def picture(found: re.Match) -> str:
        part = own.get(found[1])
        return (
            f"data:{part.get_content_type()};base64,{base64.b64encode(part.get_payload(decode=True)).decode()}"
            if part
            else found[0]
        )

    return re.sub(r"cid:([^\"'\s>]+)", picture, html)
