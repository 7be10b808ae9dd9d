"""Saved replies where messages are written: the picker with its preview, putting a text into the composer, applying a
macro.
"""

from __future__ import annotations

import json

from flask import Response, jsonify, make_response, render_template, request, url_for

from helpdesk.api import messages, tickets
from helpdesk.api.errors import Conflict, HelpdeskError, Invalid, Overtaken
from helpdesk.api.i18n import gettext, named
from helpdesk.api.web import DeskPages

from . import filling, macros, store
from .actions import in_words

SHOWN, FEW = 60, 6
MODES = ("reply", "note", "ticket")

pages = DeskPages("replies_composer", __name__, permission=store.WRITE)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _ticket() -> int:
    return _number(request.values.get("ticket"))


def _mode() -> str:
    mode = request.values.get("mode", "reply")
    return mode if mode in MODES else "reply"


@pages.get("/pick")
def pick(uow):
    """The picker."""
    ticket = tickets.get(uow, _ticket())
    return render_template("replies/pick.html", ticket=ticket.id, mode=_mode())


@pages.get("/options/<mode>")
def options(uow, mode: str):
    """The replies that have the words, the most used first; in a note without macros."""
    found = store.find(uow, request.args.get("q", ""), limit=SHOWN, used=True)
    shown = [row for row in found if row.texts] if mode == "note" else found
    return render_template("replies/options.html", replies=shown, asked=bool(request.args.get("q", "").strip()))


@pages.get("/preview")
def preview(uow):
    """One reply with the values of this ticket, for the pane beside the list."""
    return render_template("replies/preview.html", **_shown(uow))


@pages.get("/chosen")
def chosen(uow):
    """A macro before it is applied: its text to be changed, and what it will do."""
    return render_template("replies/macro.html", **_shown(uow))


def _shown(uow) -> dict:
    row = store.get(uow, _number(request.args.get("reply")))
    shown = filling.preview(uow, row, _ticket(), request.args.get("language", ""))
    return {"reply": row, "shown": shown, "acts": in_words(uow, row.actions), "ticket": _ticket(), "mode": _mode()}


@pages.post("/<int:reply_id>/insert")
def insert(uow, reply_id: int):
    """Its text for the composer; its files wait with the draft, and it counts as used."""
    row, mode = store.get(uow, reply_id), "note" if _mode() == "note" else "reply"
    shown = filling.preview(uow, row, _ticket(), request.form.get("language", ""))
    for file in store.files_of(row):
        messages.add_draft_file(uow, _ticket(), mode, file)
    store.count_use(uow, row)
    return fire({"replies:insert": {"text": shown.text.text, "mode": mode, "files": bool(row.files)}})


@pages.post("/<int:reply_id>/apply")
def apply(uow, reply_id: int):
    """The macro with the text as it was changed; what somebody wrote since is said first, and passed by who presses
    again.
    """
    form = request.form
    row = store.get(uow, reply_id)
    try:
        done = macros.apply(
            uow,
            row,
            _ticket(),
            form.get("text", ""),
            language=form.get("language", ""),
            seen=_number(form.get("seen")) or None,
        )
    except Overtaken as newer:
        return _refused(newer, seen=newer.newest)
    except (Invalid, Conflict) as refused:
        return _refused(refused)
    back = url_for("replies_composer.undo", key=done.key)
    told: dict = {"replies:applied": {"text": gettext("“%(name)s” is applied.", name=named(row.name)), "undo": back}}
    if done.message_id:
        said = {
            "ticket": done.ticket_id,
            "message": done.message_id,
            "kind": "out",
            "undo": back,
            "seconds": macros.UNDO,
        }
        told = {"ticket:said": said, "replies:applied": {}}
    return fire(told | {"ticket:changed": {"ticket": done.ticket_id}})


def _refused(problem: HelpdeskError, seen: int = 0) -> tuple[str, int]:
    return render_template("replies/refused.html", problem=problem, seen=seen), problem.status


@pages.post("/undo/<key>")
def undo(uow, key: str):
    """Everything a macro did is taken back."""
    done, text = macros.undo(uow, key)
    again = {"ticket:changed": {"ticket": done.ticket_id}}
    if done.message_id:
        again = {"ticket:unsaid": {"ticket": done.ticket_id, "message": done.message_id, "text": text, "url": ""}}
    return fire(again)


@pages.get("/found")
def found(uow):
    """What the palette shows for the words typed there."""
    rows = store.find(uow, request.args.get("q", ""), limit=FEW, used=True)
    items = [
        {"id": row.id, "label": named(row.name), "sub": named(row.folder), "macro": bool(row.actions)} for row in rows
    ]
    return jsonify({"items": items})


def fire(events: dict) -> Response:
    """An empty answer that fires events on the page."""
    response = make_response("")
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
