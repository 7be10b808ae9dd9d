"""A macro on a ticket: its reply and its actions in one commit, and the way back from all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk.api import events, messages, tables, tickets, work
from helpdesk.api.errors import Forbidden, Invalid
from helpdesk.api.i18n import _
from helpdesk.api.web import open_link, signed_link

from . import filling, store
from .actions import facts, note_of
from .tables import MacroApplied, MacroUndone, SavedReply

UNDO = 10  # seconds before a reply leaves; so long everything can be taken back
PURPOSE = "replies.undo"
SIGHT = "all queues"


@dataclass(frozen=True)
class Applied:
    """What a macro did. ``key`` takes it back (``undo``) for ``UNDO`` seconds and a little."""

    ticket_id: int
    message_id: int | None
    note_id: int | None
    key: str


def apply(
    uow, row: SavedReply, ticket_id: int, text: str | None = None, *, language: str = "", seen: int | None = None
) -> Applied:
    """Answer with ``text`` (None: the macro's own, filled; "": no answer) and carry out the actions, all of it or
    nothing.

    Overtaken when somebody wrote since message ``seen``. The reply waits ``UNDO`` seconds.
    """
    uow.actor.must(store.WRITE)
    tickets.get(uow, ticket_id)
    shown = filling.preview(uow, row, ticket_id, language)
    text = shown.text.text if text is None else text
    given = facts(row.actions, uow.actor.user_id, uow.clock())
    if not text.strip() and not row.actions:
        raise Invalid(_("This reply has no actions. Put it into your answer instead."))
    note = filling.filled(uow, note_of(row.actions), ticket_id, shown.language).text
    steps = {"before": tickets.Step(tickets.state, ticket_id)}
    if note:
        steps["note"] = tickets.Step(messages.note, ticket_id, note)
    if text.strip():
        status = given.pop("status", None)
        files = store.files_of(row)
        steps["reply"] = tickets.Step(messages.reply, ticket_id, text, status=status, files=files, undo=UNDO, seen=seen)
    if given:
        steps["facts"] = tickets.Step(tickets.change, ticket_id, **given)
    counted = {"uses": SavedReply.uses + 1, "used_at": uow.clock()}
    steps["count"] = tickets.Step(tables.update, SavedReply, SavedReply.id == row.id, **counted)
    steps["event"] = tickets.Step(events.record, MacroApplied(ticket_id=ticket_id, reply=row.id, name=row.name))
    steps["after"] = tickets.Step(tickets.state, ticket_id)
    done = dict(zip(steps, tickets.apply(sighted(uow), list(steps.values())), strict=True))
    ids = {name: done[name].id if name in done else None for name in ("reply", "note")}
    return Applied(ticket_id, ids["reply"], ids["note"], _key(uow, row, ticket_id, ids, done))


def sighted(uow) -> work.UnitOfWork:
    """The same person, seeing every queue: a macro may give away the very ticket it goes on with."""
    may = {name for name in uow.runtime.permissions if uow.actor.may(name)}
    return uow.acting(replace(uow.actor, permissions=frozenset(may | {SIGHT})))


def _key(uow, row: SavedReply, ticket_id: int, ids: dict, done: dict) -> str:
    """All that ``undo`` must know, signed: there is nothing to keep once the seconds are over."""
    kept = {"user": uow.actor.user_id, "saved": row.id, "name": row.name, "ticket": ticket_id, **ids}
    link = signed_link(
        uow, "/x/replies/undo", PURPOSE, timedelta(seconds=6 * UNDO), **kept, before=done["before"], after=done["after"]
    )
    return link.rpartition("/")[2]


def undo(uow, key: str) -> tuple[Applied, str]:
    """Take back everything a macro did; the reply's text is its writer's draft again and is returned. Conflict when it
    has left.
    """
    kept = open_link(uow, key, PURPOSE)
    if kept["user"] != uow.actor.user_id:
        raise Forbidden()
    ticket_id, steps = kept["ticket"], []
    if kept["reply"]:
        steps.append(tickets.Step(messages.withdraw, kept["reply"]))
    if kept["note"]:
        steps.append(tickets.Step(messages.withdraw_note, kept["note"]))
    steps += [
        tickets.Step(tickets.restore, ticket_id, kept["before"], kept["after"]),
        tickets.Step(tables.update, SavedReply, SavedReply.id == kept["saved"], uses=SavedReply.uses - 1),
        tickets.Step(events.record, MacroUndone(ticket_id=ticket_id, reply=kept["saved"], name=kept["name"])),
    ]
    first, *_others = tickets.apply(sighted(uow), steps)
    return Applied(ticket_id, kept["reply"], kept["note"], key), first if kept["reply"] else ""
