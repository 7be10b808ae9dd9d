"""Header fields as they arrive: splitting raw bytes into them and reading words and dates out."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from . import charset, transfer

MAX_BLOCK = 1_000_000  # bytes of header that are read at all
MAX_VALUE = 200_000  # bytes of one field that are read
MAX_LINE = 998  # characters of a subject or a name
MAX_JUNK = (
    20  # lines of words that are no fields, yet passed over when real ones follow; encoded data goes on for longer
)
MAX_NOTE = 3  # such lines before the first field

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?+")
_BLOCK_END = re.compile(rb"\n([ \t]*)\r*\n")
_KNOWN = re.compile(
    rb"^(from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{2,30}|received|reply-to)[ \t]*:", re.I | re.M
)
_GOES_ON = re.compile(
    rb"(?:[ \t]+[^\s][^\n]{0,998}\n){0,20}(?:from|to|cc|subject|date|received|[A-Za-z]{1,20}-[A-Za-z-]{1,40})[ \t]*:[ \t]",
    re.I,
)
_PARAMETER_LINE = re.compile(rb"[\w*-]{1,40}[ \t]*=")
_FOLD = re.compile(rb"(?:\r?\n[ \t]*)+")
# a "?" in it, though it may not have one
ENCODED_WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?(?:[^?]*+|(?:[^?=]|=(?!\?)|\?(?!=)){0,300})\?="
_WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?((?:[^?]*+(?=\?=))|(?:[^?=]|=(?!\?)|\?(?!=)){0,300})\?="
)
_COMMENT = re.compile(r"\([^()]*\)")
_FRACTION = re.compile(r"(?<=:\d\d)[.,]\d{1,9}")
_ZONE = re.compile(r"\s(?:GMT|UTC)?([+-]\d\d):?(\d\d)$", re.I)
_NOON = re.compile(r"\b(1[0-2]|0?\d)((?::\d\d){1,2}) ?([ap])\.?m\b\.?", re.I)
_ISO = re.compile(r"(?:19[89]|20\d)\d-\d\d-\d\d[T ]\d\d:\d\d")
_BROKEN_LINE = {ord(char): " " for char in "\t\n\r\v\f\x85\u2028\u2029"}
_UNSEEN = dict.fromkeys([*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\x1b") + b"\x7f"
_UNSEEN |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | _BROKEN_LINE


class Fields:
    """The fields of one header in their order; names are lower-case, values raw bytes.

    ``charset`` is what raw 8-bit values are read as when they do not tell themselves (the body's label).
    """

    def __init__(self, pairs: list[tuple[str, bytes]]):
        self.pairs = pairs
        self.charset = ""
        self._first: dict[str, bytes] = {}
        for name, value in pairs:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def get(self, name: str) -> str:
        """The first such field, unfolded but with its encoded words as they are; "" when there is none."""
        value = self._first.get(name)
        return self._text(value) if value else ""

    def all(self, *names: str) -> list[str]:
        """Every field of these names, in the order of the header."""
        return [self._text(value) for name, value in self.pairs if name in names]

    def line(self, name: str) -> str:
        """The first such field as one clean, decoded line."""
        return clean(words(self.get(name)))

    def count(self, name: str) -> int:
        """How many such fields there are."""
        return sum(other == name for other, _ in self.pairs)

    def _text(self, value: bytes) -> str:
        value = _FOLD.sub(b" ", value[:MAX_VALUE]).translate(None, _CONTROLS)
        return value.decode("ascii") if value.isascii() else charset.decode_field(value, self.charset)


def split(data: bytes, start: int = 0, end: int | None = None) -> tuple[Fields, int]:
    """Read the header that begins at ``start``; gives its fields and where the body begins.

    A line that is no field ends the header, unless fields that every mail has still follow (broken software does that).
    """
    end = len(data) if end is None else end
    stop, body = _block(data, start, end)
    if stop < start:
        return Fields([]), body
    block = data[start : min(stop, start + MAX_BLOCK)]
    if block[:1] in b" \t" and _FIELD.match(block.lstrip(b" \t")):
        block, start = block.lstrip(b" \t"), start + len(block) - len(block.lstrip(b" \t"))
    pairs, end_of_fields = _pairs(block)
    return Fields(pairs), body if end_of_fields == len(block) else start + end_of_fields


def _pairs(block: bytes) -> tuple[list[tuple[str, bytes]], int]:
    """The fields of a header's bytes, and where they end."""
    pairs: list[tuple[str, bytes]] = []
    known: dict[bytes, int] | None = (
        None  # the fields that every mail has, each with its last place; looked for only once
    )
    position = junk = 0
    while position < len(block):
        field = _FIELD.match(block, position)
        if field:
            pairs.append((field[1].decode("ascii").lower(), field[2].rstrip(b"\r")))
            position = field.end()
            continue
        line = block[position : (block.find(b"\n", position) + 1) or len(block)]
        known = {name[1].lower(): name.start() for name in _KNOWN.finditer(block)} if known is None else known
        if pairs and pairs[-1][0].startswith("content-") and _PARAMETER_LINE.match(line):
            pairs[-1] = (pairs[-1][0], pairs[-1][1] + b"\n " + line.rstrip(b"\r\n"))
        elif position < max(known.values(), default=0) and _passed_over(line, junk, known if not pairs else None):
            junk += 1
        else:
            break
        position += len(line)
    return pairs, position


def _block(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header ends and where the body begins: at an empty line, or one of blanks behind which no header
    goes on.
    """
    position = max(start - 1, 0)
    while found := _BLOCK_END.search(data, position, end):
        position = found.end() - 1
        if found.start() < start or not found[1] or not _GOES_ON.match(data, found.end(), end):
            return found.start() + (found.start() >= start), found.end()
    return end, end


def _passed_over(line: bytes, junk: int, ahead: dict[bytes, int] | None) -> bool:
    """True for a line that is no field and is passed over; ``ahead`` are the fields that follow one before all
    others.
    """
    if ahead is not None:
        return junk < MAX_NOTE and (not line.strip() or (b"from" in ahead and len(ahead) > 2))
    return junk < MAX_JUNK or b" " not in line.strip()


def words(text: str) -> str:
    """Decode encoded words (RFC 2047) also where they are broken: inside quotes, cut within a character, unpadded."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending, label, end = b"", "", -1
    for word in _WORD.finditer(text):
        gap = text[max(end, 0) : word.start()]
        joined = end >= 0 and not gap.strip()
        if not (joined and word[1].lower() == label):
            out.append(charset.decode(pending, label))
            pending, label = b"", word[1].lower()
        if not joined:
            out.append(gap)
        pending += _word_bytes(word[2], word[3])
        end = word.end()
    return "".join([*out, charset.decode(pending, label), text[max(end, 0) :]])


def word_charset(head: Fields) -> str:
    """The charset of the first encoded word in the subject or the sender's name, "" where there is none."""
    found = _WORD.search(f"{head.get('subject')} {head.get('from')}")
    return found[1] if found else ""


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return transfer.base64_bytes(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)


def clean(text: str, limit: int = MAX_LINE) -> str:
    """One line without control characters, direction overrides or lone surrogates; half-spaces stay."""
    if not (text.isascii() and text.isprintable()):
        text = text[: 4 * limit].translate(_UNSEEN)
    return text.strip()[:limit]


def _by_24_hours(clock: re.Match) -> str:
    return f"{int(clock[1]) % 12 + (12 if clock[3] in 'pP' else 0):02}{clock[2]}"


def when(value: str) -> datetime | None:
    """The moment in a Date field as UTC, or None when it names none."""
    value = _NOON.sub(_by_24_hours, _FRACTION.sub("", _COMMENT.sub(" ", value[:200]))).strip()
    try:
        if _ISO.match(value):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        parts = parsedate_tz(_ZONE.sub(r" \1\2", value))
        if not parts or not 1980 <= parts[0] <= 2100:
            return None
        zone = timezone(timedelta(seconds=max(-86399, min(parts[9] or 0, 86399))))
        return datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
