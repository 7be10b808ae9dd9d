"""The normal form of a text in Persian or English, in which phrases are looked for, with the way back to the original.

Spellings that a reader takes for the same are the same here: Arabic and Persian letters, a word with its ZWNJ, with a
space or joined, digits of three kinds, colloquial and written forms, contractions. Nothing of it is shown to anybody.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .spellings import ENGLISH, FINGLISH, PERSIAN, PREFIXES, SUFFIXES

LONGEST = 4000  # characters of one text; the rest is not read
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,:/٫٬]\d+)*)"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|[\u064b-\u0655\u0670\u200c\u200d\u0640]|['’](?=[^\W\d_]))*)"
    r"|(?P<mark>[.!?؟…;؛,،:\n]+)|(?P<other>[^\s\w])"
)
_DROPPED = re.compile(r"[\u064b-\u0655\u0670\u200c\u200d\u0640]")
_REPEATED = re.compile(r"(.)\1{2,}")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LETTERS = str.maketrans("يىئكةۀهآأإٱؤ’", "یییکهههااااو'")
_ENDINGS = (
    ("تونه", "تان است"),
    ("شونه", "شان است"),
    ("مونه", "مان است"),
    ("تون", "تان"),
    ("شون", "شان"),
    ("مون", "مان"),
)
_LONE = re.compile("[\ud800-\udfff]")  # half of a letter; no text is made of it


@dataclass(frozen=True)
class Normal:
    """``text`` has one space around every word and mark; ``places`` says where each of them was in the original."""

    text: str
    places: tuple[tuple[int, int], ...]

    @property
    def words(self) -> list[str]:
        """The words and marks, in order."""
        return self.text.split()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that the span ``start:end`` of ``text`` stands for."""
        first = self.text.count(" ", 0, start + 1) - 1
        last = self.text.count(" ", 0, end) - 1
        return self.places[first][0], self.places[max(first, last)][1]


@lru_cache(maxsize=512)
def normalise(text: str, lang: str) -> Normal:
    """The normal form of the first ``LONGEST`` characters. In Persian, frequent words in Latin letters count, too."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for found in _TOKEN.finditer(_LONE.sub("\ufffd", text[:LONGEST])):
        for word in _token(found, lang):
            word, joined = _joined(words, word)
            if joined:
                words[-1], places[-1] = word, (places[-1][0], found.end())
            else:
                words.append(word)
                places.append(found.span())
    spoken = [pair for word, place in zip(words, places, strict=True) for pair in _written(word, place)]
    return Normal(f" {' '.join(form for form, _place in spoken)} ", tuple(place for _form, place in spoken))


def _token(found: re.Match[str], lang: str) -> list[str]:
    kind, token = found.lastgroup, found[0]
    if kind == "number":
        digits = "".join(str(unicodedata.digit(c, -1)) if c.isdigit() else c for c in token)
        return [digits.replace(",", "").replace("٬", "").replace("٫", ".")]
    if kind == "mark":
        return [_mark(token)]
    if kind == "other":
        return ["%"] if token in "%٪" else [token]
    word = unicodedata.normalize("NFKC", _DROPPED.sub("", token)).lower().translate(_LETTERS)
    word = _REPEATED.sub(r"\1", word)
    if lang == "fa" and word in FINGLISH:
        return FINGLISH[word].split()
    return [word] if _ARABIC.search(word) else _english(word)


def _english(word: str) -> list[str]:
    """The words of a contraction; a possessive without its ending."""
    return ENGLISH.get(word, word.removesuffix("'s")).split()


def _mark(token: str) -> str:
    if "?" in token or "؟" in token:
        return "?"
    if "!" in token:
        return "!"
    return "," if set(token) <= set(",،:") else "."


def _joined(words: list[str], word: str) -> tuple[str, bool]:
    """A word that is written apart from the one before, although it is a part of it, and whether it is one."""
    if words and _ARABIC.search(words[-1]) and _ARABIC.search(word):
        if words[-1] in PREFIXES or (word in SUFFIXES and len(words[-1]) > 1):
            return words[-1] + word, True
    return word, False


def _written(word: str, place: tuple[int, int]) -> list[tuple[str, tuple[int, int]]]:
    """The written form of a colloquial Persian word: one or two words, at the same place."""
    if not _ARABIC.search(word):
        return [(word, place)]
    form = PERSIAN.get(word, "")
    if not form:
        form = word
        for spoken, written in _ENDINGS:
            if form.endswith(spoken) and len(form) > 5:
                form = form[: -len(spoken)] + written
        if form.startswith(PREFIXES) and len(form) > 5:
            form = form[:-2] + "ید" if form.endswith("ین") else form + "د" if form.endswith("نن") else form
    return [(part, place) for part in form.split()]
