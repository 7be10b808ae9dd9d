"""The words of one part: decoded, with plain line ends, and without what programs did to the lines on their way."""

from __future__ import annotations

import re

from . import charset
from .parts import Part

_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.I)
_PAGE = re.compile(rb"\s{0,200}(?:<!doctype html|<html)[\s>]", re.I)
_ENRICHED = ("text/enriched", "text/richtext")  # RFC 1896
_COMMAND = re.compile(r"</?[\w-]{1,60}>")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0d-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def piece(part: Part, hint: str = "") -> tuple[str, str]:
    """The text of a part as (plain, "") or ("", HTML); a page that nobody rightly called one is HTML all the same."""
    content, label = part.content, part.params.get("charset", "")
    if part.type == "text/html" or (not part.stated and _PAGE.match(content)):
        meta = None if label else _META_CHARSET.search(content[:2_000])
        return "", show(content, meta[1].decode("ascii") if meta else label, hint)
    text = show(content, label, hint)
    if part.params.get("format", "").lower() == "flowed":
        text = _unflow(text, part.params.get("delsp", "").lower() == "yes")
    if part.type in _ENRICHED:
        text = _COMMAND.sub("", text)
    return _unescape(text) if ">From " in text else text, ""


def show(content: bytes, label: str = "", hint: str = "") -> str:
    """Text with plain line ends and without characters that can be neither shown nor stored."""
    text = charset.decode(content, label, hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return _SURROGATE.sub("\ufffd", _UNSHOWABLE.sub("", text.replace("\x0c", "\n")))


def _unescape(text: str) -> str:
    """Without the ">" that mailboxes put before a line that begins with "From "; one among quoted lines is a quote."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        near = (*lines[max(index - 1, 0) : index], *lines[index + 1 : index + 2])
        if line.startswith(">From ") and not any(other.startswith(">") for other in near):
            lines[index] = line[1:]
    return "\n".join(lines)


def _unflow(text: str, delete_space: bool) -> str:
    """Join the lines that a program broke (format=flowed, RFC 3676)."""
    lines: list[str] = []
    open_depth = -1  # how deep the last line is quoted while it goes on; -1 when it does not
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        flows = rest.endswith(" ") and rest != "-- "
        words = rest[:-1] if flows and delete_space else rest
        if depth == open_depth and rest != "-- ":
            lines.append(words)
        else:
            lines.append(("\n" if lines else "") + (">" * depth + " " if depth else "") + words)
        open_depth = depth if flows else -1
    return "".join(lines)
