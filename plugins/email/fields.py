"""Header fields as they arrive: splitting raw bytes into them and reading words, people, parameters and dates out."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from itertools import islice
from urllib.parse import unquote_to_bytes

from helpdesk.api import Address

from . import charset

MAX_BLOCK = 1_000_000  # bytes of header that are read at all
MAX_VALUE = 200_000  # bytes of one field that are read
MAX_LINE = 998  # characters of a subject or a name
MAX_JUNK = 20  # lines that are no fields, yet passed over when real ones follow

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?+")
_BLOCK_END = re.compile(rb"\n\r*\n")
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding|received|reply-to)[ \t]*:",
    re.I | re.M,
)
_FOLD = re.compile(rb"(?:\r?\n[ \t]*)+")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PIECE = re.compile(
    r'"((?:[^"\\]|\\.)*)"?|\(((?:[^()\\]|\\.)*)\)?|<([^<>]*)>?|[,;:]|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=|[^"(<,;:=]+|=', re.S
)
_ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,255}@[^\s<>\"(),;:@]{1,255}")
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.S)
_SEGMENT = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*?))?")
_COMMENT = re.compile(r"\([^()]*\)")
_FRACTION = re.compile(r"(?<=:\d\d)[.,]\d{1,9}")
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
        return value.decode("ascii") if value.isascii() else charset.decode(value, self.charset)


def split(data: bytes, start: int = 0, end: int | None = None) -> tuple[Fields, int]:
    """Read the header that begins at ``start``; gives its fields and where the body begins.

    A line that is no field ends the header, unless fields that every mail has still follow (broken software does that).
    """
    end = len(data) if end is None else end
    found = _BLOCK_END.search(data, max(start - 1, 0), end)
    if found and found.start() < start:
        return Fields([]), found.end()
    stop, body = (found.start() + 1, found.end()) if found else (end, end)
    block = data[start : min(stop, start + MAX_BLOCK)]
    pairs, position, junk = [], 0, 0
    while position < len(block):
        field = _FIELD.match(block, position)
        if field:
            pairs.append((field[1].decode("ascii").lower(), field[2].rstrip(b"\r")))
            position = field.end()
        elif junk < MAX_JUNK and (pairs or not block[position : position + 1].strip()) and _KNOWN.search(block, position):
            junk += 1
            position = (block.find(b"\n", position) + 1) or len(block)
        else:
            return Fields(pairs), start + position
    return Fields(pairs), body


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


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return base64_bytes(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 with whatever stands between its letters, cut off or unpadded as it may be."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", data)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def clean(text: str, limit: int = MAX_LINE) -> str:
    """One line without control characters, direction overrides or lone surrogates; half-spaces stay."""
    if not (text.isascii() and text.isprintable()):
        text = text[: 4 * limit].translate(_UNSEEN)
    return text.strip()[:limit]


def people(values: Iterable[str], limit: int = 500) -> list[Address]:
    """The people in address fields, at most ``limit``, each address once; what has no address is left out."""
    found: dict[str, Address] = {}
    for person in islice((person for value in values for person in _people(value)), 20 * limit):
        found.setdefault(person.value, person)
        if len(found) >= limit:
            break
    return list(found.values())


def _people(value: str) -> Iterator[Address]:
    pieces: list[str] = []
    comment = angle = ""
    none = True
    for piece in _PIECE.finditer(value + ","):
        token = piece[0]
        if piece[1] is not None:
            pieces.append(piece[1].replace('\\"', '"').replace("\\\\", "\\"))
        elif piece[2] is not None:
            comment = comment or piece[2]
        elif piece[3] is not None:
            angle = angle or piece[3]
        elif token in ",;":
            person = _person(pieces, angle, comment)
            if person:
                none = False
                yield person
            if person or token == ";" or not "".join(pieces).strip():
                pieces = []
            else:
                pieces.append(",")  # "Family, Given <address>" without quotes
            comment = angle = ""
        elif token == ":":
            pieces = []
        else:
            pieces.append(token)
    if none:
        yield from (Address("email", one_form(address)) for address in _ADDRESS.findall(clean(value, 10_000)))


def _person(pieces: list[str], angle: str, comment: str) -> Address | None:
    text = "".join(pieces)
    if not angle and "@" in text:
        angle = next(part for part in text.split() if "@" in part)
        text = text.replace(angle, " ", 1)
    address = _ADDRESS.fullmatch(clean(angle).rpartition(":")[2].strip("' "))
    if not address:
        return None
    name = clean(words(text.strip(" ,\t")), 200) or clean(words(comment), 200)
    name = name.strip("'\" ") if name[:1] in "'\"" else name
    value = one_form(address[0])
    return Address("email", value, "" if name.lower() == value else name)


def one_form(address: str) -> str:
    """The address in lower case and its domain in its own letters: «مثال.ایران» and its "xn--" form are the same place."""
    local, at, domain = address.lower().rpartition("@")
    if "xn--" in domain:
        try:
            wide = domain.encode("ascii").decode("idna")
            domain = wide if wide.encode("idna") == domain.encode() else domain
        except UnicodeError:
            pass
    return f"{local}{at}{domain}"


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split ``type/subtype; name=value; …`` (RFC 2045, RFC 2231); names and the main value are lower-case."""
    main = value.partition(";")[0].partition("(")[0].strip().lower()
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in islice(_PARAMETER.finditer(value, len(value.partition(";")[0])), 200):
        name = match[1].lower()
        text = match[3].strip() if match[2] is None else match[2].replace('\\"', '"').replace("\\\\", "\\")
        segment = _SEGMENT.fullmatch(name)
        if segment:
            extended = segment[2] is None or bool(segment[3])
            segments.setdefault(segment[1], {})[int(segment[2] or 0)] = (text, extended)
        else:
            plain.setdefault(name, text)
    return main, plain | {name: _joined(parts) for name, parts in segments.items()}


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """The value of an RFC 2231 parameter from its numbered segments."""
    label, data = "", b""
    for number, (text, extended) in sorted(parts.items()):
        if extended and number == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return charset.decode(data, label)


def when(value: str) -> datetime | None:
    """The moment in a Date field as UTC, or None when it names none."""
    value = _FRACTION.sub("", _COMMENT.sub(" ", value[:200])).strip()
    try:
        if _ISO.match(value):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        parts = parsedate_tz(value)
        if not parts or not 1980 <= parts[0] <= 2100:
            return None
        zone = timezone(timedelta(seconds=max(-86399, min(parts[9] or 0, 86399))))
        return datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
