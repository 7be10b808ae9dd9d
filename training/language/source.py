"""The text of a scenario as plain values with their line numbers: YAML 1.2, bounded before and while it is parsed.

The values come from the parser's events, not from its constructor: nothing is built but mappings, lists and scalars;
anchors, aliases, tags and second documents are refused at the event that brings them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from helpdesk.api.errors import _

from .findings import Faulty, Finding

BYTES, DEPTH, ITEMS = 65_536, 10, 6_000  # of one scenario; a full bilingual one has 30 KB and 2,000 items
_INT = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_PLAIN = {"true": True, "false": False, "null": None, "~": None, "": None}
_NESTED = re.compile(rf"(?:[\[{{]\s*){{{DEPTH + 1}}}|(?:^|\n) *(?:[-?] ){{{DEPTH + 1}}}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Path = tuple[str | int, ...]
Lines = dict[Path, int]


def read(text: str | bytes) -> tuple[dict[str, Any], Lines]:
    """The mapping in a text, and the line of every path into it. Faulty with the line for what is not allowed."""
    content = _decoded(text)
    lines: Lines = {(): 1}
    try:
        events = _events(content)
        value = _value(events, lines, ())
        for _event in events:  # a second document is behind the first
            pass
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", "") or "").split("\n")[0][:200]
        sentence = _("This is not valid YAML: %(problem)s.")
        raise Faulty([Finding(mark.line + 1 if mark else 1, "yaml", sentence, values={"problem": problem})]) from None
    except (RecursionError, ValueError, OverflowError):
        raise Faulty([Finding(1, "yaml", _("This is not valid YAML."))]) from None
    if not isinstance(value, dict):
        raise Faulty([Finding(1, "yaml", _("A scenario is a list of keys with values."))])
    return value, lines


def _decoded(text: str | bytes) -> str:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(raw) > BYTES:
        raise Faulty([Finding(1, "size", _("A scenario can have %(most)s KB."), values={"most": BYTES // 1024})])
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Faulty([Finding(line, "yaml", _("This text is not UTF-8."))]) from None
    for pattern, code, sentence in (
        (_NESTED, "depth", _("This is nested too deeply.")),
        (_UNPRINTABLE, "yaml", _("This character cannot stand here.")),
    ):
        found = pattern.search(content)
        if found:
            raise Faulty([Finding(content.count("\n", 0, found.end()) + 1, code, sentence)])
    return content


def _events(content: str) -> Iterator[Any]:
    """The parser's events, counted; Faulty at the first that is not allowed."""
    depth = items = documents = 0
    for event in YAML(typ="safe", pure=True).parse(content):
        line = event.start_mark.line + 1
        items += 1
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        if items > ITEMS:
            raise Faulty([Finding(line, "size", _("A scenario can have %(most)s items."), values={"most": ITEMS})])
        if depth > DEPTH:
            raise Faulty([Finding(line, "depth", _("This is nested too deeply."))])
        if documents > 1:
            raise Faulty([Finding(line, "yaml", _("One file holds one scenario."))])
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise Faulty([Finding(line, "alias", _("Anchors and aliases are not allowed in a scenario."))])
        if getattr(event, "tag", None) and not (isinstance(event, ScalarEvent) and any(event.implicit)):
            raise Faulty([Finding(line, "tag", _("Tags are not allowed in a scenario."))])
        if isinstance(event, ScalarEvent | MappingStartEvent | MappingEndEvent | SequenceStartEvent | SequenceEndEvent):
            yield event
    yield None


def _value(events: Iterator[Any], lines: Lines, path: Path, event: Any = None) -> Any:
    event = event or next(events)
    if event is None:
        return None
    lines[path] = event.start_mark.line + 1
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if isinstance(event, SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(_value(events, lines, (*path, len(items)), event))
        return items
    mapping: dict[str, Any] = {}
    while not isinstance(key := next(events), MappingEndEvent):
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarEvent):
            raise Faulty([Finding(line, "yaml", _("A key is a word."))])
        if key.value in mapping:
            raise Faulty([Finding(line, "twice", _("The key “%(key)s” stands here twice."), values={"key": key.value})])
        mapping[key.value] = _value(events, lines, (*path, key.value))
        lines[*path, key.value] = line
    return mapping


def _scalar(event: Any) -> Any:
    """The value of a scalar: only a plain one can be anything but text (YAML 1.2, less than its core schema)."""
    text: str = event.value
    if event.style:  # quoted, or a block
        return text
    if text.lower() in _PLAIN and text in (*_PLAIN, "True", "False", "Null"):
        return _PLAIN[text.lower()]
    return int(text) if _INT.fullmatch(text) else float(text) if _FLOAT.fullmatch(text) else text
