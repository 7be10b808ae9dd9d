"""The form of a saved reply: what it sends as the plain shape of ``checking.Given``, and the choices it offers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from helpdesk.api import people
from helpdesk.api.channels import File
from helpdesk.api.i18n import LOCALES, gettext, named

from . import store
from .actions import ME, NAMES, PRIORITY_WORDS, STATUS_WORDS
from .tables import SavedReply

SNOOZES = tuple(60 * hours for hours in (1, 2, 4, 24, 48, 72, 168, 336))  # minutes
NOBODY = "nobody"


def given_of(form: Mapping[str, str]) -> dict:
    """What was typed, in the shape of ``checking.Given``; numbers that are none stay texts and are refused there."""
    owner = form.get("owner", "me")
    team = _number(owner.removeprefix("team:")) if owner.startswith("team:") else None
    texts = {
        language: {part: form.get(f"{language}_{part}", "") for part in ("subject", "text")} for language in LOCALES
    }
    scope = "team" if owner.startswith("team:") else "desk" if owner == "desk" else "personal"
    kept = {"name": form.get("name", "")[:200], "folder": form.get("folder", "")[:120], "scope": scope, "team": team}
    return kept | {"texts": texts, "actions": _actions(form)}


def _actions(form: Mapping[str, str]) -> list[dict]:
    read = {"assign": _person, "queue": _number, "add_tags": _tags, "snooze": _number}
    sent = {name: form.get(f"do_{name}", "").strip() for name in NAMES}
    return [{"action": name, "value": read.get(name, str)(text)} for name, text in sent.items() if text]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text


def _person(text: str) -> int | str | None:
    return None if text == NOBODY else text if text == ME else _number(text)


def _tags(text: str) -> list[str]:
    return [tag.strip()[:40] for tag in text.replace("،", ",").split(",") if tag.strip()]


def typed_of(row: SavedReply | None) -> dict:
    """A saved reply in the same shape, for the form."""
    if row is None:
        return {
            "name": "",
            "folder": request.args.get("folder", "")[:120],
            "scope": "personal",
            "team": None,
            "texts": {},
            "actions": [],
        }
    return {
        "name": row.name,
        "folder": row.folder,
        "scope": row.scope,
        "team": row.team_id,
        "texts": row.texts,
        "actions": row.actions,
    }


def uploads() -> list[File]:
    """The files that came with the form."""
    return [File(f.filename, f.mimetype, content=f.read()) for f in request.files.getlist("files") if f.filename]


def choices(uow, row: SavedReply | None, given: dict) -> dict:
    """What the selects of the form offer, as (value, text) pairs, and what is chosen in each."""
    acts = {action["action"]: action["value"] for action in given["actions"]}
    chosen = acts | {"assign": NOBODY} if acts.get("assign", ME) is None else acts
    teams = [(f"team:{team.id}", named(team.name)) for team in store.teams(uow)]
    owners = [("me", gettext("Only me")), *teams]
    if uow.actor.may(store.SHARE) or (row and row.scope == "desk"):
        owners.append(("desk", gettext("Whole desk")))
    people_ = [(ME, gettext("Whoever applies it")), (NOBODY, gettext("Nobody")), *people.colleagues(uow)]
    return {
        "owners": owners,
        "do": {
            "status": [(name, gettext(word)) for name, word in STATUS_WORDS.items()],
            "priority": [(name, gettext(word)) for name, word in PRIORITY_WORDS.items()],
            "assign": people_,
            "queue": [(queue.id, named(queue.name)) for queue in people.queues(uow)],
        },
        "snoozes": sorted({*SNOOZES, *([acts["snooze"]] if isinstance(acts.get("snooze"), int) else [])}),
        "acts": chosen,
        "owner": {"desk": "desk", "team": f"team:{given['team']}"}.get(given["scope"], "me"),
    }
