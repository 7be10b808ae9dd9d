"""From the text of a scenario to the scenario: parsed, checked against the schema, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError

from .findings import Faulty, Finding
from .model import Scenario
from .source import Lines, Path, read
from .whole import ScenarioPart

MOST = 50  # findings of one text


@lru_cache(maxsize=64)
def load(text: str | bytes) -> Scenario:
    """The scenario in a text. Faulty with a finding and its line for all that the schema does not know.

    The hash is of the values, so that comments and layout may change without making another scenario of it.
    """
    value, lines = read(text)
    try:
        parts = ScenarioPart().load(value)
    except ValidationError as error:
        findings = [_finding(path, message, lines) for path, message in _messages(error.normalized_messages(), ())]
        raise Faulty(sorted(findings, key=lambda finding: finding.line)[:MOST]) from None
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Scenario(**parts, hash=hashlib.sha256(canonical.encode()).hexdigest(), lines=lines)


def _messages(errors: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every message with the path it speaks of. marshmallow puts "key" or "value" below the name of a mapping."""
    if isinstance(errors, dict):
        for name, below in errors.items():
            yield from _messages(below, path if name in ("_schema", "key", "value") else (*path, name))
    elif isinstance(errors, list):
        for message in errors:
            yield from _messages(message, path)
    else:
        yield path, errors


def _finding(path: Path, message: str, lines: Lines) -> Finding:
    known = path
    while known and known not in lines:
        known = known[:-1]
    where = ".".join(map(str, path))
    values = {"where": where, "problem": getattr(message, "sentence", message) % getattr(message, "values", {})}
    return Finding(lines.get(known, 1), "schema", "%(where)s: %(problem)s", values=values)
