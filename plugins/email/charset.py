"""Right text from bytes, whatever their charset label says."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

# Names seen in mail that Python does not know, or that stand for a larger set than they say.
_ALIASES = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6", "iso-8859-6-e": "iso8859-6",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "euc-kr": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "big5": "big5hkscs",
    "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-mac-farsi": "mac-farsi",
    "x-mac-arabic": "mac-arabic", "x-mac-cyrillic": "mac-cyrillic", "x-cp1256": "cp1256", "macintosh": "mac-roman",
}
# Codecs that are no charsets, or that a hostile mail could make slow.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# Labels that programs put on anything; the others were chosen by somebody.
_CARELESS = {"", "ascii", "cp1252", "cp1254", "iso8859-15", "utf-8"}
_MULTIBYTE = {"gb18030", "hz", "cp949", "cp932", "euc_jp", "big5hkscs", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"}
# Each script's letters, the most frequent ones first: by them short pieces are told apart.
_LETTERS = {
    "cp1256": "اینرمدهوتشسبكکيىپجچحخزصضطظعغفقگلژذثیةأآءئ،؟\u200c",
    "iso8859-6": "اينرمدهوتلشسبىجحخزصضطظعغفقكذثةأآءئ،؟",
    "cp1251": "оеаинтсрвлкмдпубгжзйфхцчшщыьэюяії",
    "koi8-r": "оеаинтсрвлкмдпубгжзйфхцчшщыьэюя",
    "cp1253": "αοιετσνρκπυςάίόέήύώβγδζηθλμξφχψω",
    "cp1255": "יוהלאתרםבמשנכעקגדזחטספצןףץך",
}
_FREQUENT = 10
_HIGH = bytes(range(128, 256))
_RUN = re.compile(rb"[\x80-\x9f\xa1-\xff]{3,}")
_C1 = re.compile("[\x80-\x9f]")
_SAMPLE = 20_000
_CONVINCING = 6  # bytes above 127 that make valid UTF-8 no accident


def decode(data: bytes, label: str = "") -> str:
    """Decode ``data``; the label is believed only where the bytes do not speak against it. Never raises."""
    codec = codec_of(label)
    if data.isascii() and codec not in _MULTIBYTE and b"\x1b" not in data:
        return data.decode("ascii")
    if data[:4].startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-16"
        return data.decode(codec, "replace")
    for candidate in _candidates(data, codec):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    return _mostly_utf8(data) or data.decode(_guess(data, codec), "replace")


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """The Python codec for a charset label, or "" when there is none that may be used."""
    key = label.strip().strip("'\"").lower().removeprefix("charset=").replace(" ", "")
    try:
        info = codecs.lookup(_ALIASES.get(key, key))
    except (LookupError, ValueError):
        return ""
    if info.name in _REFUSED or not info._is_text_encoding:
        return ""
    return info.name


def _candidates(data: bytes, codec: str) -> list[str]:
    """Codecs to try strictly, in order.

    Valid UTF-8 is hardly ever anything else, except where it is very short or the label is East Asian.
    """
    if codec in _MULTIBYTE or codec.startswith("iso2022") or b"\x1b$" in data:
        return [codec or "iso2022_jp_2", "utf-8"]
    if codec in _CARELESS:
        return ["utf-8"] if _foreign(data) or codec in ("", "ascii") else ["utf-8", codec]
    if codec == "iso8859-6" and _C1.search(data.decode("latin-1")):
        return ["utf-8"]
    return [codec, "utf-8"] if _high(data[:_SAMPLE]) < _CONVINCING else ["utf-8", codec]


def _high(sample: bytes) -> int:
    """How many bytes are above 127."""
    return len(sample) - len(sample.translate(None, _HIGH))


def _foreign(data: bytes) -> bool:
    """True when the bytes above 127 stand in whole words, as in no language of the Latin alphabet."""
    sample = data[:_SAMPLE]
    return 2 * sum(map(len, _RUN.findall(sample))) > _high(sample)


def _mostly_utf8(data: bytes) -> str:
    """UTF-8 with a broken byte here and there, or "" when it is not that."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text[:_SAMPLE]) - min(broken, _SAMPLE)
    return text if whole > 2 and broken * 10 <= max(whole, 10) else ""


def _guess(data: bytes, codec: str) -> str:
    """The likeliest codec: one of the alphabets that desks meet, the label's, what charset-normalizer says, Western."""
    if not _foreign(data):
        return "cp1252"
    sample = data[:_SAMPLE].translate(None, bytes(range(128)))
    alphabet = max(_LETTERS, key=lambda name: _share(sample, name))
    if _share(sample, alphabet) >= 1.1:
        return alphabet
    if codec not in ("", "ascii", "utf-8"):
        return codec
    best = from_bytes(data[:_SAMPLE]).best()
    return best.encoding if best else "cp1252"


def _share(sample: bytes, codec: str) -> float:
    """How much of the sample is made of the script's letters (0 to 1), with up to 1 more for its frequent ones."""
    text, letters = sample.decode(codec, "replace"), _LETTERS[codec]
    frequent = letters[:_FREQUENT]
    return sum((char in letters) + (char in frequent) for char in text) / max(len(text), 1)
