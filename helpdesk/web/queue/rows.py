"""A ticket's line of a list as HTML: written once for everybody who reads the same row in the same language."""

from __future__ import annotations

from functools import lru_cache

from flask import current_app
from markupsafe import Markup, escape

from helpdesk.core.tickets import standings
from helpdesk.core.tickets.snippets import finder
from helpdesk.i18n import current as reading

from .lists import channel_icon

KEPT = 2_000  # lines of some 2 kB


class Line(dict):
    """A row as a key of what is kept: rows are one when all that they say is."""

    def __hash__(self) -> int:
        return hash((self["id"], self["updated_at"]))


def ticket_row(row: dict, here: str = "mine", current: bool = False, drafted: bool = False, query: str = "") -> Markup:
    """The line of a row (``core.tickets.ticket_lists``) in the list ``here`` ("" for no special one); ``current`` when its ticket is open beside the list.

    The words of a ``query`` are marked.
    """
    reader = reading.get()
    return _written(
        Line(row), here, current, drafted, query, channel_icon(row["channel"]), reader.language, reader.digits
    )


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
    }
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
