"""Content-Type and Content-Disposition: the first type they name and their parameters (RFC 2045, RFC 2231), however
they are parted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from . import charset

MAX_PARAMETERS = 200
REMEMBERED = 300  # characters of a value

_QUOTED = r'"((?:[^"\\]|\\.)*+)"?'
_UNQUOTED = r"((?:(?!\s*+;|[\s,]\s*+[\w*-]++\s*+=)[^;\"])*+)"  # up to what separates it from another parameter
_PARAMETER = re.compile(
    rf"(?:[;,\s\"]|^)\s*+([\w*!#$%&'+.^`|~-]{{1,80}})\s*+(?:=|(?<=charset):|(?<=boundary):)\s*+(?:{_QUOTED}|{_UNQUOTED})",
    re.S | re.I,
)
_BLANKS = re.compile(r"\s{9,}")
_COMMENT_OR_QUOTED = re.compile(r"\([^()\"]*+\)|(\"(?:[^\"\\]|\\.)*+\"?)", re.S)
_SEGMENT = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*?))?")
_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,79}"
_TYPE = re.compile(rf"({_NAME})\s*/\s*({_NAME})")
_ALONE = {
    "html": "text/html",
    "text": "text/plain",
    "plain": "text/plain",
    "multipart": "multipart/mixed",
    "pdf": "application/pdf",
}


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """Split ``word; name=value; …``; names and the word before them are lower-case. Short values are remembered."""
    return _remembered(value) if len(value) < REMEMBERED else _parted(value)


def _parted(value: str) -> tuple[str, Mapping[str, str]]:
    value = _COMMENT_OR_QUOTED.sub(lambda found: found[1] or " ", _BLANKS.sub(" ", value))
    main = "".join(re.split(r"[;,=]", value, maxsplit=1)[0].split()[:1]).strip("\"'").lower()
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in islice(_PARAMETER.finditer(value), MAX_PARAMETERS):
        name = match[1].lower()
        text = match[3].strip() if match[2] is None else match[2].replace('\\"', '"').replace("\\\\", "\\")
        segment = _SEGMENT.fullmatch(name)
        if segment:
            extended = segment[2] is None or bool(segment[3])
            segments.setdefault(segment[1], {})[int(segment[2] or 0)] = (text, extended)
        else:
            plain.setdefault(name, text)
    return main, MappingProxyType(plain | {name: _joined(parts) for name, parts in segments.items()})


_remembered = lru_cache(maxsize=1024)(_parted)


def media_type(value: str) -> str:
    """The first ``type/subtype`` of a Content-Type in lower case, or "" when it names none."""
    head = _COMMENT_OR_QUOTED.sub(lambda found: found[1] or " ", value[:1_000]).partition("=")[0].lower()
    found = _TYPE.search(head)
    if found:
        main, sub = found.groups()
        return f"{main}/{sub}" if main != "multipart" or sub != "multipart" else "multipart/mixed"
    return _ALONE.get(re.split(r"[;,\s]", head.strip(" \t\"'"), maxsplit=1)[0].strip("\"'"), "")


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """The value of an RFC 2231 parameter from its numbered segments."""
    label, data = "", b""
    for number, (text, extended) in sorted(parts.items()):
        if extended and number == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return charset.decode(data, label)
