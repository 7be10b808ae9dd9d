"""A ticket's line of a list as HTML. The template is rendered once for all rows of one shape; each row fills in its own
words, so that rows nobody has seen before cost no more than others.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from markupsafe import Markup, escape

from helpdesk.core.database.base import utcnow
from helpdesk.core.text import digits
from helpdesk.core.tickets import standings
from helpdesk.core.tickets.snippets import finder
from helpdesk.i18n import current as reading
from helpdesk.i18n import gettext as _
from helpdesk.i18n import number, relative
from helpdesk.i18n.names import named
from helpdesk.i18n.time_left import standing, time_left
from helpdesk.web.kit.parts import write_columns

from .lists import channel_icon

SHAPES = 2_000  # of all languages together
CUT = "\x01"  # around the name of what a row fills in; no text of ours or of a stranger keeps it
TAGS = 2  # shown of a row
CLOCKS = {"open": "clock", "pending": "pause", "waiting": "pause", "solved": "check", "closed": "check"}
STATUS = {
    "open": lambda: _("Open"),
    "pending": lambda: _("Pending"),
    "waiting": lambda: _("Waiting for customer"),
    "solved": lambda: _("Solved"),
    "closed": lambda: _("Closed"),
}
PRESSING = {"high": lambda: _("High"), "urgent": lambda: _("Urgent")}
OWN = (
    "id order number around symbol customer messages state clock moment left subject preview status status_word"
    " priority queue assignee tags columns"
).split()


class Shape(NamedTuple):
    """What of a line is shown; all that the template decides."""

    unread: bool
    current: bool
    due: bool
    said: bool
    drafted: bool
    pressing: bool
    given: bool
    tagged: bool
    simulated: bool


def ticket_row(row: dict, here: str = "mine", current: bool = False, drafted: bool = False, query: str = "") -> Markup:
    """The line of a row (``core.tickets.ticket_lists``) in the list ``here`` ("" for no special one); ``current`` when
    its ticket is open beside the list.

    The words of a ``query`` are marked.
    """
    said = bool(row["subject"] and row["preview"])
    shape = Shape(
        bool(row["unread"]), current, bool(row["target_at"] and not row["snoozed_until"]), said, drafted,
        row["priority"] in PRESSING, bool(row["assignee"]), bool(row["tags"]), row["simulated"],
    )  # fmt: skip
    words = _words(row, here, query)
    parts = _drawn(shape, reading.get().language)
    return Markup("".join(escape(words[part]) if place % 2 else part for place, part in enumerate(parts)))


def _words(row: dict, here: str, query: str) -> dict:
    """What this row puts into its line."""
    state, left = time_left_of(row)
    plain = digits(str(row["number"]), reading.get().digits)
    return {
        "id": row["id"],
        "order": standings.order(here, row),
        "number": plain,
        "around": f"?in={here}" if here and here != "mine" else "",
        "symbol": channel_icon(row["channel"]),
        "customer": marked(row["customer"]["name"], query),
        "messages": number(row["unread"]) if row["unread"] else "",
        "state": state,
        "clock": "snooze" if row["snoozed_until"] else "timer" if row["target_at"] else CLOCKS[row["status"]],
        "moment": row["snoozed_until"] or row["target_at"] or row["updated_at"],
        "left": left,
        "subject": marked(row["subject"] or row["preview"], query),
        "preview": marked(row["preview"], query) if row["subject"] else "",
        "status": row["status"],
        "status_word": STATUS[row["status"]](),
        "priority": PRESSING.get(row["priority"], str)(),
        "queue": named(row["queue"]["name"]),
        "assignee": (row["assignee"] or {}).get("name", ""),
        "tags": Markup("").join(Markup('<bdi class="tag">%s</bdi>') % named(tag) for tag in row["tags"][:TAGS]),
        "columns": write_columns(row),
    }


@lru_cache(maxsize=SHAPES)
def _drawn(shape: Shape, _language: str) -> tuple[str, ...]:
    """The line of this shape in pieces: words of ours, and between each two the name of what a row fills in."""
    template = current_app.jinja_env.get_template("queue/row.html")
    marks = {name: Markup(f"{CUT}{name}{CUT}") for name in OWN}
    return tuple(template.render(shape._asdict() | marks).strip().split(CUT))


def time_left_of(row: dict) -> tuple[str, str]:
    """The state of a row's target and its text right now; for one that does not run, the moment it shows
    instead.
    """
    at = row["snoozed_until"] or row["target_at"] or row["updated_at"]
    if not at:
        return "paused", ""
    moment = datetime.fromisoformat(at)
    if row["snoozed_until"] or not row["target_at"]:
        return "paused", relative(moment)
    left = (moment - utcnow()).total_seconds()
    return standing(left), time_left(left)


def marked(text: str, query: str) -> str | Markup:
    """A text with the words of a query marked."""
    found = finder(query) if query else None
    if not found:
        return text
    pieces, end = [], 0
    for place in found.finditer(text):
        pieces += [escape(text[end : place.start()]), "<mark>", escape(place[0]), "</mark>"]
        end = place.end()
    return Markup("".join([*pieces, escape(text[end:])]))
