"""What visitors say: messages, their edits and deletions, and answers to the questions before them; kept in one commit
with what the desk stores, and only then answered.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from helpdesk.api import intake
from helpdesk.api.channels import File
from helpdesk.api.tickets import Step

from . import channel, ending, items, proofs, settings, visitors
from .page import Data, Page, Problem, event
from .tables import Item, Visitor

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
A_MINUTE, MINUTE = 30, timedelta(minutes=1)  # messages of one visitor
CHANGES = 20  # of one message
IN_ROW = 64 * 1024  # bytes; the desk keeps what is larger as a file
CHANGED_WITHIN = timedelta(minutes=15)


def said(page: Page, client_id: Any, text: Any, files: list[File] | None = None) -> Data:
    """Keep a message of the visitor's; answered when it is committed, and the same when it is repeated."""
    uow, visitor = page.uow, page.visitor
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise Problem("refused")
    item = items.by_key(uow, visitor, f"v:{client_id}")
    if item is None:
        text = _text(text, files)
        _may_say(page)
        if visitor.phase == "ended":
            visitor = page.visitor = ending.begin_next(uow, visitor)
        raw = channel.raw_message(visitor, client_id, "message", files, text=text)
        data = {"client_id": client_id, "from": "visitor", "author": _author(visitor), "text": text, "html": ""}
        described = [proofs.described(number, file) for number, file in enumerate(files or ())]
        if len(raw.raw) > IN_ROW:
            uow.blobs.put(raw.raw)  # while nobody waits: the step below finds it on disk
        step = Step(intake.take, visitor.account_id, raw)
        item, _new = items.add(uow, visitor, f"v:{client_id}", "message", data | {"files": described}, before=step)
    told = items.told(item, item.data)
    return {"client_id": client_id, "id": told["id"], "seq": item.id, "at": told["at"], **page.state()}


def _text(text: Any, files: list[File] | None) -> str:
    if not isinstance(text, str) or len(text) > channel.LONGEST:
        raise Problem("too_long" if isinstance(text, str) else "refused")
    if not text.strip() and not files:
        raise Problem("empty")
    return text.replace("\x00", "").strip()


def _may_say(page: Page) -> None:
    visitor, uow = page.visitor, page.uow
    if visitors.is_blocked(uow, page.account, page.visit.address, visitor.address):
        raise Problem("blocked")
    wrong = settings.checked(page.account.settings, visitor.answers)[1]
    if wrong and visitor.phase in ("new", "ended"):
        raise Problem("questions", **wrong)
    recent = select(func.count()).where(Item.visitor_id == visitor.id, Item.at > uow.clock() - MINUTE)
    if (uow.session.scalar(recent.where(Item.key.like("v:%"))) or 0) >= A_MINUTE:
        raise Problem("slow_down", after=60)


def _author(visitor: Visitor) -> Data:
    return {"name": str(visitor.answers.get("name", "")), "picture": ""}


@event
def message(page: Page) -> Data:
    """Say something."""
    return said(page, page.data.get("client_id"), page.data.get("text"))


@event
def answers(page: Page) -> Data:
    """Answer the questions before the first message."""
    good, wrong = settings.checked(page.account.settings, page.data.get("answers"))
    if wrong:
        raise Problem("questions", **wrong)
    page.visitor = visitors.change(page.uow, page.visitor, answers={**page.visitor.answers, **good})
    if good.get("email"):
        page.visitor = proofs.note(page.uow, page.visitor, good["email"].lower())
    return page.tell_state()


def _own(page: Page) -> Item:
    if visitors.is_blocked(page.uow, page.account, page.visit.address, page.visitor.address):
        raise Problem("blocked")
    item = items.message(page.uow, page.visitor, page.data.get("id"))
    if item is None or not item.key.startswith("v:") or item.at < page.uow.clock() - CHANGED_WITHIN:
        raise Problem("unknown")
    return item


def _change(page: Page, kind: str, data: Data) -> Data:
    item = _own(page)
    of_kind = select(func.count()).where(Item.visitor_id == page.visitor.id, Item.about == item.id)
    before, known, number = page.uow.session.scalar(of_kind) or 0, channel.name_of(page.visitor, item), item.id
    for turn in range(before, CHANGES):  # another page of theirs may take the same one
        name = f"{number}.{kind}.{turn}"
        raw = channel.raw_message(page.visitor, name, kind, about=known, **data)
        step = Step(intake.take, page.visitor.account_id, raw)
        changed, new = items.add(page.uow, page.visitor, f"c:{name}", kind, data, about=number, before=step)
        if new:
            return {"seq": changed.id}
    raise Problem("slow_down", after=60)


@event
def edit(page: Page) -> Data:
    """Put other words in the place of one's own."""
    return _change(page, "edited", {"text": _text(page.data.get("text"), None)})


@event
def delete(page: Page) -> Data:
    """Take back one's own words."""
    return _change(page, "deleted", {})
