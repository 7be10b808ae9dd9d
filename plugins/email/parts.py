"""The tree of MIME parts in a mail, read from its bytes without copying or trusting them.

The standard library's parser is not used: it recurses as deep as a mail likes, tries every open boundary on every line
and gives back re-written attachments. This one cuts slices, stops at limits and keeps an enclosed message's own bytes.
"""

from __future__ import annotations

import codecs
import re

from . import address_fields, smime, transfer
from .parameters import media_type, parameters

MAX_PARTS = 1_000
MAX_DEPTH = 30
MAX_MARKS = 200_000  # places looked at that might be a boundary

_CONTAINERS = ("message/rfc822", "message/global", "message/news")
ENVELOPE = re.compile(rb"(?:[ \t\r]*\n|>?From [^\n]*\n)*")
_AFTER_MARK = re.compile(rb"(--)?[ \t]*\r?(?:\n|\Z)")
_UNNAMED = re.compile(rb"\s{0,200}--([!-~][ -~]{0,68}[!-~])[ \t]*\r?\n(?=content-[a-z-]{2,30}:|\r?\n)", re.I)


class Part:
    """One part: its header fields, type, parameters and raw body; a multipart also has ``children``."""

    def __init__(self, data: bytes, head: address_fields.Fields, start: int, end: int, default: str, depth: int):
        self.head, self.depth = head, depth
        self.children: list[Part] = []
        self.preamble = b""
        self.data, self.start, self.end = data, start, end
        self.encoding = transfer.known(head.get("content-transfer-encoding").partition(";")[0])
        self.disposition, placing = parameters(head.get("content-disposition"))
        _, self.params = parameters(head.get("content-type"))
        self.given_name = placing.get("filename") or self.params.get("name") or ""
        self.stated = media_type(head.get("content-type"))
        self.type = self.stated or ("application/octet-stream" if self.given_name else default)
        if self.type not in _CONTAINERS and not self.type.startswith("multipart/") and self._begins_with_boundary():
            self.type = "multipart/mixed"
        self.unreadable = self.encoding == transfer.UNKNOWN
        self.too_deep = depth >= MAX_DEPTH and self.type.startswith("multipart/")

    @property
    def raw(self) -> bytes:
        """The body as it was transferred."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        return self.decoded()[0]

    def decoded(self) -> tuple[bytes, bytes]:
        """The body with its transfer encoding undone, and what stands behind it that was not encoded."""
        return transfer.decoded(self.encoding, self.raw)

    def _begins_with_boundary(self) -> bool:
        boundary = self.params.get("boundary", "").rstrip().encode("utf-8", "replace")
        return bool(boundary) and self.data[self.start : min(self.end, self.start + 1_000)].lstrip().startswith(
            b"--" + boundary
        )

    @property
    def cid(self) -> str:
        """The content id without its angle brackets."""
        return address_fields.clean(self.head.get("content-id").strip("<> \t"), 250)

    def walk(self):
        """This part and everything in it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def subtype(self, main: str) -> str:
        """The part of the type behind ``main/``, or ""."""
        return self.type.partition("/")[2] if self.type.startswith(main + "/") else ""


class Tree:
    """A mail cut into parts; ``cut_short`` is true when a limit stopped the cutting."""

    def __init__(self, raw: bytes):
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raw = raw.decode("utf-16", "replace").encode()
        raw = raw.removeprefix(codecs.BOM_UTF8)
        if b"\n" not in raw[:30_000] and b"\r" in raw:
            raw = raw.replace(b"\r", b"\n")
        elif b"\r\r\n" in raw[:2000]:
            raw = raw.replace(b"\r\r\n", b"\r\n")
        self.cut_short = False
        self._parts = self._marks = 0
        start = ENVELOPE.match(raw).end()
        self.root = self._part(raw, start, len(raw), "text/plain", 0)

    def _part(self, data: bytes, start: int, end: int, default: str, depth: int) -> Part:
        self._parts += 1
        head, body = address_fields.split(data, start, end)
        part = Part(data, head, body, end, default, depth)
        if part.too_deep:
            self.cut_short = True
        elif part.type.startswith("multipart/"):
            self._cut(part)
        elif part.type in smime.TYPES or part.given_name.lower().endswith(".p7m"):
            self._unpack(part)
        return part

    def _unpack(self, part: Part) -> None:
        """Give a signed part what was signed as its only child."""
        inner = smime.signed_content(part.content) if part.depth < MAX_DEPTH else None
        if inner is not None:
            part.children.append(self._part(inner, 0, len(inner), "text/plain", part.depth + 1))

    def _cut(self, part: Part) -> None:
        """Give a multipart its children."""
        boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")
        if part.encoding and (not boundary or b"--" + boundary not in part.raw):
            content = part.content
            part.data, part.start, part.end = content, 0, len(content)
        part.encoding = transfer.IDENTITY
        places = self._places(part, boundary) if boundary else []
        if not places and (unnamed := _UNNAMED.match(part.data, part.start, part.end)):
            places = self._places(part, unnamed[1])
        if not places:
            return
        part.preamble = part.data[part.start : places[0][0]]
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for (_, start), (end, _) in zip(places, places[1:], strict=False):
            if self._parts >= MAX_PARTS:
                self.cut_short = True
                break
            if end > start:
                part.children.append(self._part(part.data, start, end, default, part.depth + 1))

    def _places(self, part: Part, boundary: bytes) -> list[tuple[int, int]]:
        """Where boundaries stand, as (end of what is before, start of what is after); the last one closes.

        A missing closing boundary is thought at the end of the part.
        """
        mark, places = b"--" + boundary, []
        position = part.start
        while (position := part.data.find(mark, position, part.end)) >= 0:
            self._marks += 1
            if self._marks > MAX_MARKS:
                self.cut_short = True
                break
            after = _AFTER_MARK.match(part.data, position + len(mark), part.end)
            if after and (position == part.start or part.data[position - 1] == 10):
                places.append((_before(part.data, position, part.start), after.end()))
                if after[1]:
                    return places
            newline = part.data.find(b"\n", position, part.end)
            position = newline + 1 if newline >= 0 else part.end
        return [*places, (part.end, part.end)] if places else []


def _before(data: bytes, position: int, start: int) -> int:
    """The end of the line before a boundary: that line's break belongs to the boundary."""
    if position > start and data[position - 1] == 10:
        position -= 1
    if position > start and data[position - 1] == 13:
        position -= 1
    return position
