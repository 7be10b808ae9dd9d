"""The pages of admins: where each form is, how it is put on a site, and its topics."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from helpdesk.api import accounts, fields, people
from helpdesk.api.errors import Conflict, Invalid, _
from helpdesk.api.permissions import Permission
from helpdesk.api.web import DeskPages

from . import form, topics
from .public import NAME

PERMISSIONS = [Permission(topics.EDIT, _("Build forms"), frozenset())]

pages = DeskPages("form", __name__, permission=topics.EDIT)


@pages.get("/")
def overview(uow):
    """Every form with its topics, and the form of a new topic."""
    return _page(uow, topics.Wanted(name=""))


@pages.post("/")
def add(uow):
    """A new topic."""
    return _saved(uow, _typed(), None)


@pages.get("/topics/<int:topic_id>")
def edit(topic_id: int, uow):
    """One topic."""
    row = topics.get(uow, topic_id)
    wanted = topics.Wanted(row.name, row.label, row.intro, row.account_id, row.queue_id, tuple(row.fields), row.files)
    return _page(uow, wanted, topic_id)


@pages.post("/topics/<int:topic_id>")
def change(topic_id: int, uow):
    """Change a topic."""
    topics.get(uow, topic_id)
    return _saved(uow, _typed(), topic_id)


@pages.post("/topics/<int:topic_id>/remove")
def remove(topic_id: int, uow):
    """Delete a topic."""
    topics.remove(uow, topic_id)
    flash(_("The topic is deleted."))
    return redirect(url_for("form.overview"))


def _typed() -> topics.Wanted:
    typed = request.form
    return topics.Wanted(
        name=typed.get("name", "").strip(),
        label={"en": typed.get("label_en", ""), "fa": typed.get("label_fa", "")},
        intro={"en": typed.get("intro_en", ""), "fa": typed.get("intro_fa", "")},
        account_id=_number(typed.get("account_id", "")),
        queue_id=_number(typed.get("queue_id", "")) or None,
        fields=tuple(typed.getlist("fields")),
        files="files" in typed,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _saved(uow, wanted: topics.Wanted, topic_id: int | None):
    try:
        topics.save(uow, wanted, topic_id)
    except (Invalid, Conflict) as problem:
        return _page(uow, wanted, topic_id, problem), problem.status
    flash(_("Saved."))
    return redirect(url_for("form.overview"))


def _page(uow, wanted: topics.Wanted, topic_id: int | None = None, problem: Invalid | Conflict | None = None) -> str:
    found = accounts.of_channel(uow, NAME)
    url = uow.runtime.config.url
    return render_template(
        "form/overview.html",
        forms=[(one, form.title(one), f"{url}/p/form/{one.public_key}/") for one in found],
        topics=topics.all_topics(uow),
        wanted=wanted,
        topic_id=topic_id,
        problem=problem,
        errors=getattr(problem, "fields", {}),
        custom=[(each.name, form.words(dict(each.label)) or each.name) for each in fields.all(uow)],
        queues=people.queues(uow),
        words=form.words,
    )
