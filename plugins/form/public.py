"""The pages of forms for customers and for frames on other sites: topics, the form, what came of sending it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from flask import render_template, request, send_from_directory
from werkzeug.exceptions import NotFound as NoPage

from helpdesk.api import accounts, fields, work
from helpdesk.api.channels import File
from helpdesk.api.errors import HelpdeskError, Invalid, NotFound
from helpdesk.api.i18n import LOCALES, current, reading
from helpdesk.api.web import PublicPages

from . import filing, form, guard, links
from .posts import Post

NAME = "form"
LARGEST = form.BYTES + 500_000  # bytes of a post: files and what is written
BYTES = "200000000 per hour"  # from one place

pages = PublicPages("form_public", __name__, embedded=True, limit="60 per minute", largest=LARGEST, bytes_limit=BYTES)


def acting(uow):
    """The unit of work of the plugin itself: nobody is signed in here."""
    return uow.acting(work.plugin_actor(NAME))


@contextmanager
def chosen_language():
    """The language the address asks for, else that of the browser."""
    wanted = request.values.get("lang", "")
    with reading(LOCALES.get(wanted, current.get())):
        yield


def _account(uow, key: str) -> accounts.Account:
    account = accounts.by_key(uow, key)
    if account.channel != NAME or not account.active:
        raise NotFound()
    return account


@pages.get("/<key>/embed.js")
def embed(key: str):
    """The one line that puts the form on any page."""
    return send_from_directory(Path(__file__).parent / "static", "embed.js", mimetype="text/javascript")


@pages.get("/<key>/")
def choose(key: str, uow):
    """The topics, or the form where there is but one."""
    return show(key, "", uow=uow)


@pages.get("/<key>/<topic>")
def show(key: str, topic: str, uow):
    """The form of a topic."""
    uow = acting(uow)
    account = _account(uow, key)
    known, chosen = form.topic_of(uow, account, topic)
    with chosen_language():
        if chosen is None and topic:
            raise NoPage
        if chosen is None and known:
            return render_template("form/topics.html", **_frame(account), topics=known)
        asked = form.of(uow, account, chosen)
        return _page(uow, asked, form.prefilled(asked))


@pages.post("/<key>/")
def send_plain(key: str, uow):
    """Take a post of the only form in."""
    return send(key, "", uow=uow)


@pages.post("/<key>/<topic>")
def send(key: str, topic: str, uow):
    """Take a post in, store it and say where the request is."""
    uow = acting(uow)
    account = _account(uow, key)
    _known, chosen = form.topic_of(uow, account, topic)
    if chosen is None and topic:
        raise NoPage
    with chosen_language():
        asked = form.of(uow, account, chosen)
        given = fields.from_form([*asked.own, *asked.custom], request.form)
        try:
            values = form.checked(uow, asked, given)
            post = _post(uow, asked, values)
            files = _files(post) if asked.files else []
        except Invalid as invalid:
            return _page(uow, asked, given, invalid), 422
        filing.hand_over(uow, account.id, post, files)
        link = links.make(uow, account.id, post.id, proved=False)
        return render_template("form/sent.html", **_frame(account), link=link, address=post.email)


def _files(post: Post) -> list[File]:
    """The files, of what a person sent alone: spam shall not fill the disk."""
    if post.marks and form.has_uploads():
        post.marks.append(guard.WITHOUT_FILES)
    return [] if post.marks else form.uploads()


def _post(uow, asked: form.Asked, values: dict) -> Post:
    own = {name: values.pop(name, "") for name in form.OWN}
    known = filing.key_of(request.form.get("begin", ""), *map(str, own.values()), str(sorted(values.items())))
    return Post(
        id=known,
        thread=known,
        email=own["your_email"],
        name=own["your_name"][:200],
        subject=own["your_subject"][:300] or asked.label,
        text=own["your_message"],
        language=current.get().language,
        topic=asked.topic.name if asked.topic else "",
        queue=asked.topic.queue_id if asked.topic else None,
        values=values,
        lines=form.read_as_people(asked, values),
        marks=guard.marks(uow, request.form, known),
    )


def _page(uow, asked: form.Asked, values: dict, problem: HelpdeskError | None = None) -> str:
    return render_template(
        "form/form.html",
        **_frame(asked.account),
        asked=asked,
        values=values,
        errors=getattr(problem, "fields", {}),
        problem=problem,
        begin=guard.begin(uow, asked.account.settings["difficulty"]),
        bits=asked.account.settings["difficulty"],
        trap=guard.TRAP,
        most=form.FILES,
        intro=form.words(asked.topic.intro) if asked.topic else "",
    )


def _frame(account: accounts.Account) -> dict:
    """What every page of the form is drawn with."""
    query = {name: value for name, value in request.args.items() if name != "lang"}
    embedded = "embed" in request.args
    return {"account": account, "name": form.title(account), "query": query, "embedded": embedded, "words": form.words}
