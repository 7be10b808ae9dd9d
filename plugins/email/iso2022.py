"""ISO-2022-JP as mail programs write it (RFC 1468, CP50221): with vendors' letters and half-width katakana, where
Python's codecs stop.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJHI]|\$[A()][A-Z]?)")
_KOREAN = b"\x1b$)C"
_SINGLE = {b"(B", b"(J", b"(H"}


def decode(data: bytes) -> str:
    """The text; what cannot be read becomes U+FFFD. Never raises."""
    try:
        return data.decode("iso2022_jp_2")
    except UnicodeDecodeError:
        if _KOREAN in data:
            return data.decode("iso2022_kr", "replace")
        pieces, state, position = [], b"(B", 0
        for escape in _ESCAPE.finditer(data):
            pieces.append(_segment(data[position : escape.start()], state))
            state, position = escape[1], escape.end()
        return "".join([*pieces, _segment(data[position:], state)])


def _segment(data: bytes, state: bytes) -> str:
    """What stands between two escape sequences. Line ends are never double-byte: many programs forget to switch back
    before them.
    """
    if state in _SINGLE:
        return data.decode("cp932", "replace")
    if state == b"(I":
        return bytes(byte | 0x80 if 0x20 < byte < 0x60 else byte for byte in data).decode("cp932", "replace")
    if state in (b"$B", b"$@"):
        return "".join(_double(row) for row in re.split(rb"([\r\n]+)", data))
    return (b"\x1b" + state + data + b"\x1b(B").decode("iso2022_jp_2", "replace")


def _double(row: bytes) -> str:
    """Two bytes a character: JIS X 0208 rows, moved to where Shift JIS has them with the vendors' letters between."""
    if not row or row[:1] in b"\r\n":
        return row.decode("ascii")
    shifted = bytearray()
    for high, low in zip(row[::2], row[1::2], strict=False):
        if not (0x20 < high < 0x7F and 0x20 < low < 0x7F):
            shifted += (
                b"\x81\xac" if high > 0x20 else bytes([high, low])
            )  # a geta mark stands for a letter that is none
            continue
        low += 0x1F if high % 2 and low < 0x60 else 0x20 if high % 2 else 0x7E
        shifted += bytes([(high + 1) // 2 + (0x70 if high < 0x5F else 0xB0), low])
    return shifted.decode("cp932", "replace") + ("\ufffd" if len(row) % 2 else "")
