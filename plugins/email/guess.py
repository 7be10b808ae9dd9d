"""The likeliest charset of bytes that nobody labelled, or labelled wrongly: by the letters of each script, short as
the text may be.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from itertools import pairwise

from charset_normalizer import from_bytes

# Each script's letters, the most frequent ones first: by them short pieces are told apart.
_LETTERS = {
    "cp1256": "اینرمدهوتشسبكکيىپجچحخزصضطظعغفقگلژذثیةأآءئ،؟\u200c",
    "iso8859-6": "اينرمدهوتلشسبىجحخزصضطظعغفقكذثةأآءئ،؟",
    "cp1251": "оеаинтсрвлкмдпубгжзйфхцчшщыьэюяії",
    "koi8-r": "оеаинтсрвлкмдпубгжзйфхцчшщыьэюя",
    "cp1253": "αοιετσνρκπυςάίόέήύώβγδζηθλμξφχψω",
    "cp874": "านรกอเงมวยลดทสตะ่้ิีั็์ปบคหแจพชขใไโุูึืผซถธศญณฐภฟฮๆำ",
    "cp1255": "יוהלאתרםבמשנכעקגדזחטספצןףץך",
}
# The letters above 127 that a language of the Latin alphabet is written with, by the set of bytes it stands in.
_LATIN = [
    (codec, [frozenset(letters) for letters in languages.split("|")])
    for codec, languages in {
        "cp1252": "äöüß|éèêëàâçîïôùûœ|áéíóúñü¿¡ºª|ãõáéíóúâêôàçºª|àèéìòùí|åäöæøé|áéíóúýþæöð|ëïéèóüê|àèéíòóúïüç·",
        "cp1250": "ąćęłńóśźż|áčďéěíňóřšťúůýž|áäčďéíľĺňóôŕšťúýž|áéíóöőúüű|čćđšž|ăâîşţșț",
        "iso8859-2": "ąćęłńóśźż|áčďéěíňóřšťúůýž|čćđšž",
        "cp1254": "çğıöşüâî\u0307",
        "cp1257": "ąčęėįšųūž|āčēģīķļņšūž|äöõüšž",
    }.items()
]
_PUNCTUATION = frozenset("„“”‚‘’–—…«»€§°·\xa0®©™†•£¥µ±×÷½¼¾¹²³")
_FREQUENT = 10
_SAMPLE = 20_000
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_RUN = re.compile(rb"[\x80-\x9f\xa1-\xff]{3,}")
_ALTERNATING = re.compile("[а-яёα-ώ][А-ЯЁΑ-Ω]")
# How well bytes fit a script, of 2: 1 for its letters, 1 for frequent ones.
_FITS, _CONVINCED, _SURE, _EAST_ASIAN_SURE = 0.9, 1.1, 1.3, 1.7
_CLEARLY = 0.35  # how much better another script must fit
_FEW = 6  # bytes above 127, too few to overrule a label
_MORE = 2  # by how much another set must fit better than the Western one
_ENOUGH = 300  # words that show a language
_UNSTATED = ("", "ascii", "utf-8")
EAST_ASIAN = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
_TOGETHER = re.compile(r"[^\x00-\x7f]{2,}")
_KANA = re.compile("[\u3041-\u30ff]")


def codec(data: bytes, label: str) -> str:
    """The likeliest codec, "" when nothing is likely; ``label`` is the codec that was stated."""
    sample, whole = data[:_SAMPLE], len(data) <= _SAMPLE
    alphabet, score = _alphabet(sample) if foreign(data) else ("", 0.0)
    asian, asian_score = _east_asian(sample, whole)
    if asian and asian_score > score + _CLEARLY:
        return asian
    if not alphabet:
        return _latin(sample) if label in _UNSTATED else ""
    if score >= _CONVINCED:
        return alphabet
    if label not in _UNSTATED:
        return ""
    best = from_bytes(sample).best()
    return best.encoding if best else ""


def overrules(data: bytes, label: str) -> bool:
    """True when the bytes cannot be what a single-byte label says: they are plainly another script's."""
    sample = data[:_SAMPLE]
    high = _high(sample)
    if len(high) < _FEW:
        return False
    alphabet, score = _alphabet(sample) if foreign(data) else ("", 0.0)
    asian, asian_score = _east_asian(sample, len(data) <= _SAMPLE)
    stated = max(_share(high, label, letters) for letters in _LETTERS.values())
    if score >= _SURE > stated and alphabet != label:
        return True
    return bool(asian) and stated < _FITS and asian_score > score + _CLEARLY


def overrules_east_asian(data: bytes, label: str) -> bool:
    """True when the bytes are another East Asian set's than the label says."""
    sample, whole = data[:_SAMPLE], len(data) <= _SAMPLE
    if len(_high(sample)) < _FEW:
        return False
    best, score = _east_asian(sample, whole)
    return best not in ("", label) and score > _fits(sample, label, whole) + _CLEARLY


def plausible(data: bytes, hint: str) -> bool:
    """True when the bytes may be what the rest of the mail is written in."""
    return (
        hint not in _LETTERS
        or _share(_high(data[:_SAMPLE]).decode(hint, "replace").lower().encode(hint, "replace"), hint) > _FITS
    )


def foreign(data: bytes) -> bool:
    """True when the bytes above 127 stand in whole words, as in no language of the Latin alphabet."""
    sample = data[:_SAMPLE]
    return 2 * sum(map(len, _RUN.findall(sample))) > len(_high(sample))


def _high(sample: bytes) -> bytes:
    """The bytes above 127."""
    return sample.translate(None, bytes(range(128)))


def _alphabet(sample: bytes) -> tuple[str, float]:
    """The single-byte alphabet that fits best, and how well (0 to 2)."""
    high = _high(sample)
    best = max(_LETTERS, key=lambda name: _share(high, name))
    score = _share(high, best)
    return best, score - 2 * len(_ALTERNATING.findall(sample.decode(best, "replace"))) / max(len(high), 1)


def _latin(sample: bytes) -> str:
    """The set of a language whose letters these are, Western where several fit alike."""
    words = b" ".join([word for word in _WORD.findall(sample) if not word.isascii()][:_ENOUGH])

    def fits(candidate: tuple[str, list[frozenset[str]]]) -> int:
        text = words.decode(candidate[0], "replace")
        lowered = text.lower()
        signs = sum(map(_PUNCTUATION.__contains__, text))
        capitals = sum(before.islower() and after.isupper() for before, after in pairwise(text))  # inside a word
        return 2 * max(sum(map(letters.__contains__, lowered)) for letters in candidate[1]) + signs - 3 * capitals

    best = max(_LATIN, key=fits)
    return best[0] if fits(best) > fits(_LATIN[0]) + _MORE else _LATIN[0][0]


def _share(sample: bytes, name: str, letters: str = "") -> float:
    """How much of the sample is made of a script's letters (0 to 1), with up to 1 more for its frequent ones."""
    text, letters = sample.decode(name, "replace"), letters or _LETTERS[name]
    frequent = letters[:_FREQUENT]
    return sum((char in letters) + (char in frequent) for char in text) / max(len(text), 1)


def _east_asian(sample: bytes, whole: bool) -> tuple[str, float]:
    """The double-byte set that fits best, and how well (0 to 2); ("", 0) when none fits surely."""
    scores = {name: _fits(sample, name, whole) for name in EAST_ASIAN}
    best = max(scores, key=scores.__getitem__)
    return (best, scores[best]) if scores[best] >= _EAST_ASIAN_SURE else ("", 0.0)


def _fits(sample: bytes, name: str, whole: bool) -> float:
    """How much of what is not ASCII are common characters of the set (0 to 2); they stand together, and Japanese has
    kana.
    """
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample, whole)
    except UnicodeDecodeError:
        return 0.0
    together = "".join(_TOGETHER.findall(text))
    wide = sum(char > "\x7f" for char in text)
    if 10 * len(together) < 6 * max(wide, 3) or (
        name in ("cp932", "euc_jp") and 10 * len(_KANA.findall(together)) < len(together)
    ):
        return 0.0
    common = _common(name)
    surplus = (
        0.05 if name == "cp949" and len(together) > 4 else 0.0
    )  # its letters are the first in the Chinese set, never only them
    return 2 * sum(char in common for char in together) / len(together) + surplus


@lru_cache
def _common(name: str) -> frozenset[str]:
    """The characters of the first level of a set, kana and punctuation."""
    first, last, low = {"gb18030": (0xB0, 0xD7, 0xA1), "big5hkscs": (0xA4, 0xC6, 0x40), "cp932": (0x81, 0x97, 0x40),
                        "euc_jp": (0xA1, 0xCF, 0xA1), "cp949": (0xB0, 0xC8, 0xA1)}[name]  # fmt: skip
    pairs = (bytes([high, trail]) for high in (0xA1, 0xA3, *range(first, last + 1)) for trail in range(low, 0xFF))
    return frozenset("".join(pair.decode(name, "ignore") for pair in pairs)) - set(map(chr, range(0xFF61, 0xFFA0)))
