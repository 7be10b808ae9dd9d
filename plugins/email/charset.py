"""Right text from bytes, whatever their charset label says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

from . import guess, iso2022

# Names seen in mail that Python does not know, or that stand for a larger set than they say.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "cp936": "gb18030",
    "cp943": "cp932",
    "cp950": "big5hkscs",
    "cp65001": "utf-8",
    "big5": "big5hkscs",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac-roman",
}
# ISO sets have no printable characters at 0x80-0x9f; bytes there mean the set that Windows calls by the same name.
_WINDOWS = {
    "iso8859-1": "cp1252",
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-5": "cp1251",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
    "iso8859-16": "cp1250",
}
# Codecs that are no charsets, or that a hostile mail could make slow.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# Labels that programs put on anything; the others were chosen by somebody.
CARELESS = {"", "ascii", "cp1252", "utf-8"}
_MULTIBYTE = {
    "gb18030",
    "hz",
    "cp949",
    "cp932",
    "euc_jp",
    "big5hkscs",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-7",
}
_PAGE = re.compile(r"^(?:x-)?(?:windows|ms|cp|ibm)[-_]?(?=\d)")  # the many names of code pages
_HIGH = bytes(range(128, 256))
_C1 = re.compile(rb"[\x80-\x9f]")
_SAMPLE = 20_000
_LARGE = 2_000_000  # bytes; what is larger is not looked at line by line
_CONVINCING = 6  # bytes above 127 that make valid UTF-8 no accident


def decode(data: bytes, label: str = "", hint: str = "") -> str:
    """Decode ``data``; the label is believed only where the bytes do not speak against it. Never raises.

    ``hint`` is what other parts of the same mail are written in; it counts where there is no label.
    """
    codec = codec_of(label)
    if data.isascii() and codec not in _MULTIBYTE and b"\x1b" not in data:
        return data.decode("ascii")
    if data[:4].startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-16"
        return data.decode(codec, "replace")
    if codec.startswith("iso2022_jp") or (b"\x1b$" in data and codec not in (*_MULTIBYTE, "iso2022_kr")):
        return iso2022.decode(data) if b"\x1b" in data or data.isascii() else decode(data)
    for candidate in _candidates(data, codec, codec_of(hint)):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    return _mostly_utf8(data, codec == "utf-8") or data.decode(
        guess.codec(data, codec) or _stated(data, codec), "replace"
    )


def decode_field(data: bytes, label: str = "") -> str:
    """Decode a raw header field: UTF-8 where it is valid, however short, since that is what programs write there
    (RFC 6532).
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return decode(data, label)


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """The Python codec for a charset label, or "" when there is none that may be used."""
    key = label.strip().strip("'\"").lower().removeprefix("charset=").replace(" ", "")
    key = _PAGE.sub("cp", key).removeprefix("x-")
    try:
        info = codecs.lookup(_ALIASES.get(key, key))
    except (LookupError, ValueError):
        return ""
    if info.name in _REFUSED or not info._is_text_encoding:
        return ""
    return info.name


def _candidates(data: bytes, codec: str, hint: str) -> Iterator[str]:
    """Codecs to try strictly, in order; what costs thought comes when it is asked for.

    Valid UTF-8 is hardly ever anything else, except where it is very short or the label is East Asian.
    """
    if codec in _MULTIBYTE or codec.startswith("iso2022"):
        if codec not in guess.EAST_ASIAN or not guess.overrules_east_asian(data, codec):
            yield codec
        yield "utf-8"
        return
    first = codec in CARELESS or _high(data[:_SAMPLE]) >= _CONVINCING
    if first:
        yield "utf-8"
    if codec in ("", "ascii"):
        if hint and hint not in CARELESS and guess.plausible(data, hint):
            yield hint
    elif codec != "utf-8" and not guess.overrules(data, codec):
        yield _sibling(data, codec)
    if not first:
        yield "utf-8"


def _stated(data: bytes, codec: str) -> str:
    """The codec that was stated, Western where it tells nothing or is disproved."""
    return "cp1252" if codec in ("", "ascii", "utf-8") else _sibling(data, codec)


def _sibling(data: bytes, codec: str) -> str:
    """The codec, or the one of Windows that is meant when bytes stand where the ISO set has none."""
    return _WINDOWS[codec] if codec in _WINDOWS and _C1.search(data) else codec


def _high(sample: bytes) -> int:
    """How many bytes are above 127."""
    return len(sample) - len(sample.translate(None, _HIGH))


def _mostly_utf8(data: bytes, stated: bool) -> str:
    """UTF-8 with a broken byte here and there, or with lines that are Western (a footer, say), or "" when it is not
    that. Where it is ``stated``, more may be broken than that.
    """
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd") - data.count("\ufffd".encode())
    whole = sum(char > "\x7f" for char in text[:_SAMPLE]) - min(broken, _SAMPLE)
    if whole > 2 and broken * 10 <= max(whole, 10):
        return text
    lines = data.split(b"\n") if len(data) <= _LARGE and whole > 2 else []
    kinds = [_utf8_or_not(line) for line in lines]
    if kinds.count("utf-8") and kinds.count("utf-8") >= kinds.count("mixed"):
        return "\n".join(
            line.decode("cp1252" if kind == "other" else "utf-8", "replace")
            for line, kind in zip(lines, kinds, strict=False)
        )
    return text if stated and 2 < whole > broken else ""


def _utf8_or_not(line: bytes) -> str:
    """ "" for ASCII, "utf-8" for what is valid, "other" for what has nothing of it, "mixed" for the rest."""
    if line.isascii():
        return ""
    text = line.decode("utf-8", "replace")
    whole = sum(char > "\x7f" for char in text[:_SAMPLE]) - text.count("\ufffd", 0, _SAMPLE)
    return "utf-8" if "\ufffd" not in text else "mixed" if whole else "other"
