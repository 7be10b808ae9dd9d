"""Reading the JSON of strangers: whatever is not of the expected kind counts as missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from helpdesk.api.errors import Malformed, _

MANY = 100  # rows of one list
LONG = 20_000  # characters of one text
LAST = 253_402_300_799  # seconds: the end of the year 9999
UNKNOWN = _("This kind of message cannot be shown here; it is kept as it came.")


def read(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes; Malformed when they are none."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Malformed(_("This is not the JSON we expect."))
    return found


def part(node: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The object at this path; {} where there is none."""
    found: Any = node
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def text(node: Mapping[str, Any], name: str, most: int = LONG) -> str:
    """The text, or the whole number as text; "" where there is none."""
    value = node.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return value[:most] if isinstance(value, str) else ""


def size(node: Mapping[str, Any], name: str) -> int:
    """A number of bytes; 0 where there is none."""
    value = text(node, name, 18)
    return int(value) if value.isascii() and value.isdecimal() else 0


def rows(node: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list, the first ``MANY``."""
    value = node.get(name)
    return [row for row in value[:MANY] if isinstance(row, dict)] if isinstance(value, list) else []


def moment(node: Mapping[str, Any], name: str) -> datetime | None:
    """The moment that seconds since 1970 name, as a number or as text."""
    value = text(node, name, 12)
    seconds = int(value) if value.isascii() and value.isdecimal() else 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LAST else None


def point(place: Mapping[str, Any], names: tuple[str, str] = ("latitude", "longitude")) -> str:
    """A place as RFC 5870 writes it; "" where there is none."""
    numbers = [place.get(name) for name in names]
    good = all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= 180 for one in numbers)
    return f"geo:{numbers[0]:.6f},{numbers[1]:.6f}" if good else ""
