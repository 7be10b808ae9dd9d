"""The tree of MIME parts in a mail, read from its bytes without copying or trusting them.

The standard library's parser is not used: it recurses as deep as a mail likes, tries every open boundary on every line and
gives back re-written attachments. This one cuts slices, stops at limits and keeps an enclosed message's own bytes.
"""

from __future__ import annotations

import binascii
import re

from . import fields

MAX_PARTS = 1_000
MAX_DEPTH = 30
MAX_MARKS = 200_000  # places looked at that might be a boundary

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
ENVELOPE = re.compile(rb"(?:[ \t\r]*\n|>?From [^\n]*\n)*")
_AFTER_MARK = re.compile(rb"(--)?[ \t]*\r?(?:\n|\Z)")
IDENTITY = {"", "7bit", "8bit", "binary"}


class Part:
    """One part: its header fields, type, parameters and raw body; a multipart also has ``children``."""

    def __init__(self, data: bytes, head: fields.Fields, start: int, end: int, default: str, depth: int):
        self.head, self.depth = head, depth
        self.children: list[Part] = []
        self.preamble = b""
        self.encoding = head.get("content-transfer-encoding").partition(";")[0].strip().strip("'\"").lower()
        self.disposition, placing = fields.parameters(head.get("content-disposition"))
        self.type, self.params = fields.parameters(head.get("content-type"))
        self.given_name = placing.get("filename") or self.params.get("name") or ""
        if not _TYPE.fullmatch(self.type):
            self.type = "application/octet-stream" if self.given_name else default
        if self.encoding not in IDENTITY and self.encoding not in _DECODERS:
            self.type, self.unreadable = "application/octet-stream", True
        else:
            self.unreadable = False
        self.too_deep = depth >= MAX_DEPTH and self.type.startswith("multipart/")
        self.data, self.start, self.end = data, start, end

    @property
    def raw(self) -> bytes:
        """The body as it was transferred."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        return _DECODERS.get(self.encoding, bytes)(self.raw)

    @property
    def cid(self) -> str:
        """The content id without its angle brackets."""
        return fields.clean(self.head.get("content-id").strip("<> \t"), 250)

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
        head, body = fields.split(data, start, end)
        part = Part(data, head, body, end, default, depth)
        if part.too_deep:
            self.cut_short = True
        elif part.type.startswith("multipart/"):
            self._cut(part)
        return part

    def _cut(self, part: Part) -> None:
        """Give a multipart its children."""
        boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")
        if part.encoding not in IDENTITY and (not boundary or b"--" + boundary not in part.raw):
            content = part.content
            part.data, part.start, part.end, part.encoding = content, 0, len(content), ""
        places = self._places(part, boundary) if boundary else []
        if not places:
            return
        part.preamble = part.data[part.start : places[0][0]]
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for (_, start), (end, _) in zip(places, places[1:]):
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


_DECODERS = {
    "base64": fields.base64_bytes,
    "quoted-printable": binascii.a2b_qp,
}
