"""Topics of forms: which there are, and saving them checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from helpdesk.api import fields, people, tables
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.text import plain

from .tables import Topic

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TAKEN = ("ticket", "embed.js")  # addresses of other pages
EVERY = 0  # the account of what all forms have
MOST, WORDS = 50, 500  # topics of a desk; characters of a label or introduction
EDIT = "form.edit"


@dataclass(frozen=True)
class Wanted:
    """A topic as somebody wants it."""

    name: str
    label: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    account_id: int = EVERY
    queue_id: int | None = None
    fields: tuple[str, ...] = ()
    files: bool = True


def of_account(uow, account_id: int) -> list[Topic]:
    """The topics of a form, in their order."""
    query = select(Topic).where(Topic.account_id.in_((EVERY, account_id))).order_by(Topic.position, Topic.id)
    return list(uow.session.scalars(query))


def all_topics(uow) -> list[Topic]:
    """The topics of all forms."""
    return list(uow.session.scalars(select(Topic).order_by(Topic.account_id, Topic.position, Topic.id)))


def get(uow, topic_id: int) -> Topic:
    """A topic; NotFound when there is none."""
    found = uow.session.get(Topic, topic_id) if topic_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def save(uow, wanted: Wanted, topic_id: int | None = None) -> None:
    """Make a topic or change one; Invalid with a sentence for each part that does not fit."""
    uow.actor.must(EDIT)
    values = _checked(uow, wanted)
    if topic_id is not None:
        get(uow, topic_id)
        if _named(uow, wanted) not in (None, topic_id):
            raise Conflict(_("There is a topic of this name already."))
        tables.update(uow, Topic, Topic.id == topic_id, **values)
        return
    if (uow.session.scalar(select(func.count(Topic.id))) or 0) >= MOST:
        raise Conflict(_("There are %(most)s topics already, as many as there can be."), most=MOST)
    position = (uow.session.scalar(select(func.max(Topic.position))) or 0) + 1
    if not tables.insert_new(uow, Topic, **values, position=position):
        raise Conflict(_("There is a topic of this name already."))


def remove(uow, topic_id: int) -> None:
    """Delete a topic; what was sent by it stays."""
    uow.actor.must(EDIT)
    if not tables.delete(uow, Topic, Topic.id == topic_id):
        raise NotFound()


def _named(uow, wanted: Wanted) -> int | None:
    return uow.session.scalar(select(Topic.id).where(Topic.account_id == wanted.account_id, Topic.name == wanted.name))


def _checked(uow, wanted: Wanted) -> dict:
    wrong = {}
    label, intro = _words(wanted.label), _words(wanted.intro)
    if not NAME.fullmatch(wanted.name) or wanted.name in TAKEN:
        wrong["name"] = _("Small Latin letters, digits and hyphens, 40 at most.")
    if not label:
        wrong["label"] = _("Please give it a label in one language at least.")
    if wanted.queue_id and wanted.queue_id not in {queue.id for queue in people.queues(uow)}:
        wrong["queue"] = _("Please choose a queue.")
    if wrong:
        raise Invalid(_("Some fields do not fit."), wrong)
    known = [each.name for each in fields.all(uow)]
    return {
        "account_id": wanted.account_id,
        "name": wanted.name,
        "label": label,
        "intro": intro,
        "queue_id": wanted.queue_id or None,
        "fields": [name for name in known if name in wanted.fields],
        "files": wanted.files,
    }


def _words(texts: Mapping[str, str]) -> dict[str, str]:
    lines = {language: plain(str(texts.get(language) or ""))[:WORDS].strip() for language in ("en", "fa")}
    return {language: line for language, line in lines.items() if line}
