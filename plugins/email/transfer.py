"""Content-Transfer-Encoding undone, whatever it is called and wherever it breaks off (RFC 2045, and uuencode)."""

from __future__ import annotations

import binascii
import re

IDENTITY, UNKNOWN = "", "unknown"

_COMMENT = re.compile(r"\([^()]*\)")
_LETTERS = re.compile(r"[^a-z0-9]+")
_NAMES = re.compile(r"(base64|b64)|(quoted|qp$|printable)|(x?uue|uuencode)|(7bit|8bit|binary|ascii|none|plain)")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET + b"="))
_WORDY = re.compile(rb"[^A-Za-z0-9+/=\s]|[A-Za-z]{2,20}[ \t]+[A-Za-z]{2}")
_UU = re.compile(rb"^begin [0-7]{3,4} ?([^\n]{0,200})\n((?:[!-`][ -`]{0,84}+\r?\n)++)(?:[ `]?\r?\n)?end[ \t\r]*$", re.M)
_TRAILING = re.compile(rb"=[ \t]++(?=\r?\n|\Z)")  # a gateway padded the line (RFC 2045, 6.7, rule 3)
_RUN = 16  # characters of base64 that are hardly words


def known(label: str) -> str:
    """The encoding that a label means: "", "base64", "quoted-printable" or "uuencode"; "unknown" when it says
    nothing we know.
    """
    key = _LETTERS.sub("", _COMMENT.sub("", label).lower())
    if not key:
        return IDENTITY
    found = _NAMES.match(key)
    if not found:
        return UNKNOWN
    return "base64" if found[1] else "quoted-printable" if found[2] else "uuencode" if found[3] else IDENTITY


def decoded(encoding: str, raw: bytes) -> tuple[bytes, bytes]:
    """The bytes that were encoded, and what follows them that is not."""
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(_TRAILING.sub(b"=", raw)), b""
    if encoding == "uuencode":
        found = _UU.search(raw)
        content = uu_bytes(found[2]) if found else None
        return (raw, b"") if content is None else (content, raw[found.end() :].strip())
    return raw, b""


def _base64(raw: bytes) -> tuple[bytes, bytes]:
    """Base64 up to the first line of words; what are words from the first line on was never encoded."""
    if raw.translate(None, _ALPHABET + b"\r\n") in (b"", b"=", b"=="):
        return base64_bytes(raw), b""
    wordy = _WORDY.search(raw)
    start = raw.rfind(b"\n", 0, wordy.start() + 1) + 1 if wordy else len(raw)
    before, rest = raw[:start].strip(), raw[start:].strip()
    if not rest or _mostly_base64(rest[:2_000]):
        return base64_bytes(raw), b""
    return (base64_bytes(before), rest) if len(before) >= _RUN else (raw, b"")


def _mostly_base64(sample: bytes) -> bool:
    """True when only a stray sign here and there is no base64."""
    strange = len(sample) - len(sample.translate(None, _NOT_BASE64)) - sample.count(b"\n") - sample.count(b"\r")
    return len(sample.split()) <= 2 + len(sample) // 40 and 20 * strange <= len(sample)


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 with whatever stands between its letters, cut off, unpadded, or padded in the middle as it may
    be.
    """
    letters = data.translate(None, _NOT_BASE64)
    return b"".join(_unpadded(piece) for piece in letters.split(b"=") if piece)


def _unpadded(letters: bytes) -> bytes:
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def uu_bytes(lines: bytes) -> bytes | None:
    """The bytes of uuencoded lines, None when they are none."""
    try:
        return b"".join(binascii.a2b_uu(line) for line in lines.rstrip(b"\r\n").split(b"\n"))
    except binascii.Error:
        return None
