"""JSON of other people: its size and depth are counted before it is parsed, since what is cheap to send may be dear
to read.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import Invalid, TooMuch, _

ITEMS = 2_000  # names and values
DEPTH = 32
# An unterminated string ends with the text, so that the search never starts again inside it.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(body: bytes | str, items: int = ITEMS) -> Any:
    """The parsed value. TooMuch for more items than allowed, ValueError for what is no JSON or nested deeper than
    ``DEPTH``, Invalid for text that no encoding can express (a lone surrogate, RFC 8259, section 8.2).
    """
    body = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    check(body, items)
    value = json.loads(body.decode("utf-8"))
    if _SURROGATE.search(body) and not _is_text(value):
        raise Invalid(_("This text holds half a character. Please type it again."))
    return value


def check(body: bytes, items: int = ITEMS) -> None:
    """Raise what ``loads`` raises for JSON that is too much, without parsing it."""
    depth, left = 0, 2 * items
    for token in _TOKEN.finditer(body):
        mark = token[0][:1]
        depth += (mark in b"[{") - (mark in b"]}")
        left -= 1
        if depth > DEPTH:
            raise ValueError("nested too deeply")
        if left < 0:
            raise TooMuch()


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
