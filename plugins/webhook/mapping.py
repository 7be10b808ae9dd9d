"""The mapping of foreign JSON to a message: JSONPath (RFC 9535) for each part, as the account's settings have it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from helpdesk.api.errors import Malformed, _

PARTS = ("id", "thread", "sender", "name", "subject", "text", "files")
LONGEST = {"text": 200_000, "subject": 300}
SHORT = 400  # characters of all other parts
MOST_FILES = 20


def read(raw: bytes) -> Any:
    """The JSON of a body; Malformed for anything else."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed(_("This is not JSON.")) from None


@lru_cache(maxsize=500)
def compiled(path: str) -> Any:
    """The path, ready to be asked; ValueError when it is none. The library is imported at the first one."""
    import jsonpath

    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError:
        raise ValueError(path) from None


def found(body: Any, paths: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the path of each part finds in a body, as texts; [] for nothing. ``paths`` are the account's settings."""
    return {part: _texts(body, str(paths[part]), LONGEST.get(part, SHORT)) for part in PARTS}


def _texts(body: Any, path: str, longest: int) -> list[str]:
    """Texts, numbers and what is true or false; a list of texts is several. Objects are no text."""
    if not path:
        return []
    values: list[Any] = []
    for match in compiled(path).finditer(body):
        values += match.obj if isinstance(match.obj, list) else [match.obj]
        if len(values) >= MOST_FILES:
            break
    return [_text(value)[:longest] for value in values[:MOST_FILES] if isinstance(value, str | int | float)]


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else json.dumps(value)
