"""The facts of a ticket as forms send them, for one ticket and for several."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from helpdesk.core.errors import TooMuch
from helpdesk.web import current_user

from . import snooze_options

ME = "me"  # who sends the form
ITEMS = 100  # of a list in one field


def facts_of(form: MultiDict) -> dict:
    """Any of ``status priority assignee queue tags more_tags snooze``, as ``tickets.change`` takes them.

    An empty assignee is nobody, ``me`` who sends the form; ``snooze`` is the name of a moment (``moments.chosen``),
    empty to unsnooze.
    """
    facts = {name: form[name] for name in ("status", "priority") if name in form}
    if "assignee" in form:
        facts["assignee_id"] = current_user().id if form["assignee"] == ME else number_of(form["assignee"]) or None
    if "queue" in form:
        facts["queue_id"] = number_of(form["queue"])
    facts |= {name: listed(form[name].replace("،", ",")) for name in ("tags", "more_tags") if name in form}
    if "snooze" in form:
        facts["snoozed_until"] = snooze_options.chosen(form["snooze"], form.get("date", ""), form.get("time", ""))
    return facts


def listed(text: str, most: int = ITEMS) -> list[str]:
    """What stands between commas; TooMuch for more than ``most``."""
    if text.count(",") >= most:
        raise TooMuch()
    return text.split(",")


def number_of(text: str | None) -> int:
    """The number a form or an address gives, 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
