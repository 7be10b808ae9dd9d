"""What macros do besides answering: actions as rules write them, all of which can be taken back, as few steps of one
commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from helpdesk.api import people
from helpdesk.api.i18n import _, duration, gettext, named
from helpdesk.api.text import plain
from helpdesk.api.tickets import PRIORITIES

from .template import MOST_CHARACTERS, BadTemplate, check

STATUSES = ("open", "pending", "waiting", "solved")  # closing ends a thread, which cannot be taken back
NAMES = ("status", "priority", "assign", "queue", "add_tags", "snooze", "note")
LONGEST_SNOOZE = 365 * 24 * 60  # minutes
ME = "me"
FIT = _("This action does not fit.")
STATUS_WORDS = {
    "open": _("Open"),
    "pending": _("Pending"),
    "waiting": _("Waiting for customer"),
    "solved": _("Solved"),
}
PRIORITY_WORDS = {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}


def _number(value: Any, most: int = 2**63 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _tags(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= 20 and all(isinstance(t, str) and t.strip() for t in value)


FITS = {
    "status": lambda value: value in STATUSES,
    "priority": lambda value: value in PRIORITIES,
    "assign": lambda value: value is None or value == ME or _number(value),
    "queue": _number,
    "add_tags": _tags,
    "snooze": lambda value: _number(value, LONGEST_SNOOZE),
    "note": lambda value: isinstance(value, str) and 0 < len(value.strip()) and len(value) <= MOST_CHARACTERS,
}


def checked_actions(actions: list[Mapping[str, Any]], known: Mapping[str, Any], problems: dict[str, str]) -> list[dict]:
    """The actions in the order of ``NAMES``, each once; what does not fit is written into ``problems``."""
    given = {str(action["action"]): action["value"] for action in actions}
    for name, value in given.items():
        if name not in FITS or not isinstance(value, str | int | list | None) or not FITS[name](value):
            problems[name] = FIT
    if not problems.get("note") and "note" in given:
        given["note"] = plain(given["note"]).replace("\r\n", "\n").strip()
        try:
            check(given["note"], known)
        except BadTemplate:
            problems["note"] = _("There is a place that no variable fills; choose one from the list of variables.")
    if "snooze" in given and given.get("status") in ("open", "solved"):
        problems["snooze"] = _("A ticket that is open or solved is not snoozed; choose another status.")
    return [{"action": name, "value": given[name]} for name in NAMES if name in given]


def facts(actions: list[dict], me: int | None, now: Any) -> dict:
    """What ``api.tickets.change`` is given for these actions; the note is no fact."""
    given = {action["action"]: action["value"] for action in actions}
    found: dict[str, Any] = {name: given[name] for name in ("status", "priority") if name in given}
    if "assign" in given:
        found["assignee_id"] = me if given["assign"] == ME else given["assign"]
    if "queue" in given:
        found["queue_id"] = given["queue"]
    if "add_tags" in given:
        found["more_tags"] = given["add_tags"]
    if "snooze" in given:
        found["snoozed_until"] = now + timedelta(minutes=given["snooze"])
    return found


def note_of(actions: list[dict]) -> str:
    """The template of the note, "" for none."""
    return next((action["value"] for action in actions if action["action"] == "note"), "")


def in_words(uow, actions: list[dict]) -> list[str]:
    """Each action as a line for people."""
    return [_line(uow, action["action"], action["value"]) for action in actions]


def _line(uow, name: str, value: Any) -> str:
    if name == "status":
        return gettext("Status: %(value)s", value=gettext(STATUS_WORDS[value]))
    if name == "priority":
        return gettext("Priority: %(value)s", value=gettext(PRIORITY_WORDS[value]))
    if name == "assign":
        return _assigned(uow, value)
    if name == "queue":
        queue = {queue.id: named(queue.name) for queue in people.queues(uow)}.get(value)
        return gettext("Queue: %(value)s", value=queue or gettext("another team's"))
    if name == "add_tags":
        return gettext("Tags: %(value)s", value=gettext(", ").join(named(tag) for tag in value))
    if name == "snooze":
        return gettext("Snooze for %(time)s", time=duration(value * 60))
    return gettext("A note is written")


def _assigned(uow, value: Any) -> str:
    if value is None:
        return gettext("Assignee: nobody")
    if value == ME:
        return gettext("Assignee: you")
    return gettext("Assignee: %(value)s", value=dict(people.colleagues(uow)).get(value) or gettext("somebody who left"))
