"""A ticket's line of a list as HTML: written once for everybody who reads the same row in the same language."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import current_app
from markupsafe import Markup, escape

from helpdesk.core.database.base import utcnow
from helpdesk.core.tickets import standings
from helpdesk.core.tickets.snippets import finder
from helpdesk.i18n import current as reading
from helpdesk.i18n import relative
from helpdesk.i18n.time_left import standing, time_left

from .lists import channel_icon

KEPT = 2_000  # lines of some 2 kB
STATE, LEFT = "\x01", "\x02"  # in a kept line, where the promise is written each time


class Line(dict):
    """A row as a key of what is kept: rows are one when all that they say is."""

    def __hash__(self) -> int:
        return hash((self["id"], self["updated_at"]))


def ticket_row(row: dict, here: str = "mine", current: bool = False, drafted: bool = False, query: str = "") -> Markup:
    """The line of a row (``core.tickets.ticket_lists``) in the list ``here`` ("" for no special one); ``current`` when
    its ticket is open beside the list.

    The words of a ``query`` are marked.
    """
    reader = reading.get()
    state, left = time_left_of(row)
    written = _written(
        Line(row), here, current, drafted, query, channel_icon(row["channel"]), reader.language, reader.digits
    )
    return Markup(str(written).replace(STATE, state, 1).replace(LEFT, escape(left), 1))


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


@lru_cache(maxsize=KEPT)
def _written(row: Line, here: str, current: bool, drafted: bool, query: str, symbol: str, *_reader: str) -> Markup:
    template = current_app.jinja_env.get_template("queue/row.html")
    known = {
        "row": row,
        "here": here,
        "order": standings.order(here, row),
        "current": current,
        "drafted": drafted,
        "symbol": symbol,
        "query": query,
    } | {"state": STATE, "left": LEFT}
    return Markup(template.render(known).strip())


def marked(text: str, query: str) -> str | Markup:
    """A text with the words of a query marked."""
    found = finder(query) if query else None
    if not found:
        return text
    pieces, end = [], 0
    for place in found.finditer(text):
        pieces += [escape(text[end : place.start()]), Markup("<mark>%s</mark>") % place[0]]
        end = place.end()
    return Markup("").join([*pieces, escape(text[end:])])
