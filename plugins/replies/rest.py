"""Saved replies and macros for programs: read, written, deleted, and applied to a ticket."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from helpdesk.api.errors import Invalid
from helpdesk.api.i18n import LOCALES, _
from helpdesk.api.web import Rest

from . import filling, macros, store
from .checking import ActionShape, Given, Words
from .tables import SavedReply

LONGEST = 200_000  # characters of one answer
IDS = validate.Range(1, 2**63 - 1)


class FileShape(Schema):
    """A file of a saved reply."""

    name, type = fields.String(), fields.String()
    size = fields.Integer()


class ReplyShape(Schema):
    """A saved reply; with ``actions`` it is a macro."""

    id, version, uses = fields.Integer(), fields.Integer(), fields.Integer()
    name, folder, scope = fields.String(), fields.String(), fields.String()
    team = fields.Integer(allow_none=True)
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(Words))
    actions = fields.List(fields.Nested(ActionShape))
    files = fields.List(fields.Nested(FileShape))
    used_at = fields.String(allow_none=True)


class PageShape(Schema):
    """A page of them."""

    items = fields.List(fields.Nested(ReplyShape))
    next = fields.String(allow_none=True)


class PageQuery(Schema):
    """Which page; ``q`` finds by words and gives one page, the most used first."""

    q = fields.String(load_default="", validate=validate.Length(max=400))
    cursor = fields.String(load_default="0", validate=validate.Regexp(r"[0-9]{1,18}\Z"))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class Changed(Given):
    """A saved reply written anew; with ``version`` only if nobody changed it since."""

    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=IDS)


class OnTicket(Schema):
    """On which ticket, and in which language when not the customer's."""

    ticket = fields.Integer(required=True, validate=IDS)
    language = fields.String(load_default="", validate=validate.OneOf(["", *sorted(LOCALES)]))


class Order(OnTicket):
    """How to apply it: ``text`` in place of its own, "" for no answer."""

    ticket = fields.Integer(required=True, strict=True, validate=IDS)
    text = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST))


class FilledShape(Schema):
    """A saved reply with a ticket's values; ``missing`` are what is not known, for people."""

    language, subject, text = fields.String(), fields.String(), fields.String()
    missing = fields.List(fields.String())


class AppliedShape(Schema):
    """What was done: the ids of the answer and of the note."""

    ticket = fields.Integer()
    message, note = fields.Integer(allow_none=True), fields.Integer(allow_none=True)


rest = Rest(permission=store.WRITE)


def _shown(row: SavedReply) -> dict:
    plain = {
        name: getattr(row, name) for name in ("id", "version", "uses", "name", "folder", "scope", "texts", "actions")
    }
    files = [{name: file[name] for name in ("name", "type", "size")} for file in row.files]
    used = row.used_at.isoformat() if row.used_at else None
    return plain | {"team": row.team_id, "files": files, "used_at": used}


@rest.endpoint("GET", "/replies", _("Saved replies, by id"), PageShape, query=PageQuery)
def listed(query: dict, uow) -> dict:
    """Those the caller may use."""
    limit = query["limit"]
    if query["q"]:
        return {"items": [_shown(row) for row in store.find(uow, query["q"], limit=limit, used=True)], "next": None}
    rows = store.page(uow, int(query["cursor"]), limit + 1)
    return {
        "items": [_shown(row) for row in rows[:limit]],
        "next": str(rows[limit - 1].id) if len(rows) > limit else None,
    }


@rest.endpoint("GET", "/replies/<int:reply_id>", _("A saved reply"), ReplyShape)
def one(uow, reply_id: int) -> dict:
    """Its texts by language."""
    return _shown(store.get(uow, reply_id))


@rest.endpoint("POST", "/replies", _("Write a saved reply"), ReplyShape, body=Given, status=201)
def add(given: dict, uow) -> dict:
    """For the caller, a team of theirs, or the whole desk."""
    return _shown(store.get(uow, store.add(uow, given)))


@rest.endpoint("PUT", "/replies/<int:reply_id>", _("Change a saved reply"), ReplyShape, body=Changed)
def change(given: dict, uow, reply_id: int) -> dict:
    """All of it is written anew; its files stay."""
    version = given.pop("version")
    store.change(uow, reply_id, given, version)
    return _shown(store.get(uow, reply_id))


@rest.endpoint("DELETE", "/replies/<int:reply_id>", _("Delete a saved reply"), None, status=204)
def delete(uow, reply_id: int) -> None:
    """It can be brought back on its page for a month."""
    store.delete(uow, reply_id)


@rest.endpoint(
    "GET", "/replies/<int:reply_id>/filled", _("A saved reply with the values of a ticket"), FilledShape, query=OnTicket
)
def filled(query: dict, uow, reply_id: int) -> dict:
    """As the composer shows it."""
    shown = filling.preview(uow, store.get(uow, reply_id), query["ticket"], query["language"])
    return {
        "language": shown.language,
        "subject": shown.subject.text,
        "text": shown.text.text,
        "missing": list(shown.missing),
    }


@rest.endpoint(
    "POST",
    "/replies/<int:reply_id>/apply",
    _("Apply a saved reply to a ticket: its text as an answer, and its actions"),
    AppliedShape,
    body=Order,
    status=201,
)
def apply(given: dict, uow, reply_id: int) -> dict:
    """In one commit; an answer with a place that is not filled is refused, for nobody looks at it first."""
    row = store.get(uow, reply_id)
    shown = filling.preview(uow, row, given["ticket"], given["language"])
    if given["text"] is None and shown.missing:
        sentence = _("Not known on this ticket: %(names)s. Please send the text.")
        raise Invalid(sentence, {"text": _("Please fill this in.")}, names=", ".join(shown.missing))
    done = macros.apply(uow, row, given["ticket"], given["text"], language=given["language"])
    return {"ticket": done.ticket_id, "message": done.message_id, "note": done.note_id}
