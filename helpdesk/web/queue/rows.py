"""A ticket's line of a list as HTML: written once for everybody who reads the same row in the same language."""

from __future__ import annotations

import marshal
from functools import lru_cache

from flask import current_app
from markupsafe import Markup

from helpdesk.language import current as reading

from .lists import channel_icon

KEPT = 2_000  # lines of some 2 kB


def ticket_row(row: dict, here: str = "mine", current: bool = False, drafted: bool = False) -> Markup:
    """The line of a row (``core.views``) in the list ``here``; ``current`` when its ticket is open beside the list."""
    reader = reading.get()
    content = marshal.dumps(row, 2)  # a key that is quick to make; from version 3 on, equal rows may be unequal bytes
    return _written(content, here, current, drafted, channel_icon(row["channel"]), reader.language, reader.digits)


@lru_cache(maxsize=KEPT)
def _written(content: bytes, here: str, current: bool, drafted: bool, symbol: str, *_reader: str) -> Markup:
    template = current_app.jinja_env.get_template("queue/row.html")
    return Markup(template.render(row=marshal.loads(content), here=here, current=current, drafted=drafted, symbol=symbol).strip())
