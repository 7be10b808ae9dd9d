"""Text as the desk compares it: what search reads, how names sort, phone numbers, digits, and what is safe to store.

The rules are those of the style guide for Persian: one letter however it was typed, half-spaces that may be spaces or
nothing at all, three sets of digits. They change only what is compared; the text itself is kept as people wrote it.
Everything here takes time linear in the text, because the text is untrusted.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

HALF_SPACE = "\u200c"
LATIN_DIGITS, PERSIAN_DIGITS, ARABIC_DIGITS = "0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"
QUERY_CHARACTERS, QUERY_TERMS = 400, 16

_TO_LATIN = str.maketrans(PERSIAN_DIGITS + ARABIC_DIGITS, LATIN_DIGITS * 2)
_TO_PERSIAN = str.maketrans(LATIN_DIGITS + ARABIC_DIGITS, PERSIAN_DIGITS * 2)

_MARKS_OF_DIRECTION = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_VOWEL_MARKS = dict.fromkeys([*range(0x064B, 0x0660), 0x0670, 0x0640, *range(0x0300, 0x0370)])
_INVISIBLE = dict.fromkeys([0x00AD, 0x200D, 0x2060, 0xFEFF])
_DROP = _MARKS_OF_DIRECTION | _VOWEL_MARKS | _INVISIBLE
_FOLDED = str.maketrans("يىكةۀہھأإٱؤ", "ییکههههاااو") | _TO_LATIN | _DROP
UNSEEN = "".join(map(chr, _DROP))  # what search does not see
SAME = {
    letter: "".join(chr(other) for other, to in _FOLDED.items() if to == ord(letter))
    for letter in "یکهاو" + LATIN_DIGITS
}  # other ways to type it
_TO_FOLD = re.compile(
    "[" + re.escape("".join(map(chr, _FOLDED))) + "]+"
)  # few letters need it, so only these are looked up

# Canonical ordering takes quadratic time on a long run of combining marks, so runs of anything but letters are cut
# first.
_LONG_RUN = re.compile(r"([^\w\s]{32})[^\w\s]+")
_FINAL_HAMZA = re.compile(r"ئ(?!\w)")
# Both databases cut over-long words each in its own way; words cut here are the same for both.
_WORD = re.compile(r"[^\W_]{1,64}")

_PREFIXES = ("می", "نمی")
_SUFFIX = r"(?:ها(?:ی|یی|یم|یت|یش|یمان|یتان|یشان)?|تر(?:ین)?)"
_SUFFIXES = re.compile(_SUFFIX)
_OPEN_PREFIX = re.compile(r"(?<!\S)(ن?می) (?=\S)")
_OPEN_SUFFIX = re.compile(rf" ({_SUFFIX})(?!\S)")


def _fold(text: str) -> str:
    """One letter for each sound and shape; half-spaces of any kind are U+200C."""
    if text.isascii():
        return text.lower()
    text = text.replace("\u00a0", HALF_SPACE).replace("\u200b", HALF_SPACE)
    text = unicodedata.normalize("NFKC", _LONG_RUN.sub(r"\1", text)).lower()
    return _FINAL_HAMZA.sub("ی", _TO_FOLD.sub(lambda letters: letters[0].translate(_FOLDED), text))


def tokens(text: str) -> list[str]:
    """The words of a text as search knows them, with half-spaces taken as spaces."""
    return _WORD.findall(_fold(text))


def normalise(text: str) -> str:
    """The spaced form of a text: its folded words, one space between."""
    return " ".join(tokens(text))


def joined(text: str) -> str:
    """The joined form of a text: half-spaces closed up, «می», «ها», «تر» and their kin joined to their word, and
    behind it its telephone numbers in the one form that ``search_terms`` asks for.
    """
    folded = _fold(text)
    return " ".join([_close(_WORD.findall(folded.replace(HALF_SPACE, ""))), *_phones(folded)]).strip()


def _close(words: list[str]) -> str:
    return _OPEN_SUFFIX.sub(r"\1", _OPEN_PREFIX.sub(r"\1", " ".join(words)))


def search_terms(query: str) -> list[tuple[tuple[str, ...], str]]:
    """What a query asks for: pairs of (phrases of the spaced form, one phrase of the joined form).

    A text answers a pair with all of its spaced phrases or with its joined one, and a query with every pair. A phrase
    is words with one space between. Only the first 400 characters and 16 pairs count. A query that is a telephone
    number is one pair.
    """
    if number := phone(query):
        return [((normalise(query),), number[1:])]
    terms: list[tuple[tuple[str, ...], str]] = []
    before = ""
    for piece in _fold(query[:QUERY_CHARACTERS]).split():
        apart, words = " ".join(_WORD.findall(piece)), _WORD.findall(piece.replace(HALF_SPACE, ""))
        if not words:
            continue
        words = [phone(piece)[1:]] if phone(piece) else words
        if terms and (before in _PREFIXES or _SUFFIXES.fullmatch(words[0])):
            terms[-1] = (*terms[-1][0], apart), terms[-1][1] + _close(words)
        else:
            terms.append(((apart,), _close(words)))
        before = words[-1]
    return terms[:QUERY_TERMS]


def last_words(query: str) -> list[str]:
    """The words of a query that count as beginnings: the last one of each form of its last term."""
    terms = search_terms(query)
    return list({phrase.split()[-1]: None for phrase in (terms[-1][0][-1], terms[-1][1])}) if terms else []


def _beginning(word: str) -> Iterable[str]:
    return [f"{word}*"]


def fts5_query(query: str, ending: Callable[[str], Iterable[str]] | None = _beginning) -> str:
    """The query for an FTS5 table with the columns ``spaced`` and ``joined``; "" when it holds no word.

    ``ending`` gives what the last word stands for, any of several words or beginnings ("par*"); without it the last
    term is left out. Words are quoted, so nothing a person types is syntax.
    """
    terms = search_terms(query)
    if not terms:
        return ""
    *first, last = terms
    found = [_fts5_term(*term, lambda word: [word]) for term in first]
    return " AND ".join([*found, _fts5_term(*last, ending)] if ending else found)


def _fts5_term(apart: tuple[str, ...], closed: str, ending: Callable[[str], Iterable[str]]) -> str:
    if apart == (closed,):
        return _fts5_phrase(closed, ending)
    *first, last = apart
    phrases = " AND ".join([*(f'"{phrase}"' for phrase in first), _fts5_phrase(last, ending)])
    return f"(spaced : ({phrases}) OR joined : {_fts5_phrase(closed, ending)})"


def _fts5_phrase(phrase: str, ending: Callable[[str], Iterable[str]]) -> str:
    *first, last = phrase.split()
    forms = (" ".join([*first, word]) for word in ending(last))
    quoted = [f'"{form[:-1]}" *' if form.endswith("*") else f'"{form}"' for form in forms]
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"


def tsquery(query: str) -> str:
    """The same for ``to_tsquery('simple', …)`` over a vector that holds the spaced and the joined form; "" when no
    word. The last word counts as a beginning.
    """
    terms = search_terms(query)
    return " & ".join(_tsquery_term(*term, ":*" * (term is terms[-1])) for term in terms)


def _tsquery_term(apart: tuple[str, ...], closed: str, star: str) -> str:
    if apart == (closed,):
        return _lexemes(closed, star)
    *first, last = apart
    spaced = " & ".join([*(_lexemes(phrase) for phrase in first), _lexemes(last, star)])
    return f"(({spaced}) | {_lexemes(closed, star)})"


def _lexemes(phrase: str, star: str = "") -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in phrase.split()) + star + ")"


def digits(text: str, which: str) -> str:
    """The text with all its decimal digits Persian ("fa") or Latin ("en")."""
    return text.translate(_TO_PERSIAN if which == "fa" else _TO_LATIN)


# A number as people write it, once its digits are Latin and its half-spaces and marks of direction are gone.
_PHONE = re.compile(r"\s*(\+?)([\d\s.()/\-\u2010-\u2015]{3,40})")


_NUMBERS = re.compile(r"(?<!\w)\+?\d[\d .()/\-\u2010-\u2015\u200c\u00a0]{5,38}\d(?!\w)")
NUMBERS = 50  # of one text


def _phones(folded: str) -> list[str]:
    """The telephone numbers in a folded text as digits; of digits in a row each group, where all of them are no
    number.
    """
    runs = (found[0] for _count, found in zip(range(NUMBERS), _NUMBERS.finditer(folded), strict=False))
    numbers = (phone(number) for run in runs for number in ([run] if phone(run) else run.split()))
    return list(dict.fromkeys(number[1:] for number in numbers if number))


def phone(text: str, country: str = "98") -> str:
    """A telephone number in the international form of E.164 ("+989121234567"), or "" when it is not one.

    A number without its country's code is taken to be of ``country``, with its trunk 0 or without.
    """
    found = _PHONE.fullmatch(digits(text[:60], "en").translate(_DROP).replace(HALF_SPACE, " "))
    if not found:
        return ""
    plus, number = found[1], "".join(filter(str.isdecimal, found[2]))
    if number.startswith("00") and not plus:
        plus, number = "+", number[2:]
    elif number.startswith("0") and not plus:
        plus, number = "+", country + number[1:]
    elif len(number) == 10 and not plus:
        plus, number = "+", country + number
    if number.startswith(country + "0"):
        number = country + number[len(country) + 1 :]
    shortest, longest = 8 if plus else 11, len(country) + 11 if number.startswith(country) else 15
    return "+" + number if number[:1] != "0" and shortest <= len(number) <= longest else ""


# Letters that sort as one stand together. They get the signs between the digits and the Latin letters, none of which is
# left in folded words: digits first, then Persian, then everything else.
_ALPHABET = ("آ اٱ ءأإؤئ ب پ تة ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق کك گ ل م ن و هۀەھہ یيى").split()
_SORTED = {ord(letter): chr(ord(":") + rank) for rank, same in enumerate(_ALPHABET) for letter in same}
_SORTING = _TO_LATIN | _SORTED


def sort_key(text: str) -> str:
    """A key that sorts names by the Persian alphabet, half-spaces and vowel marks aside, and by no code point."""
    closed = unicodedata.normalize("NFKC", _LONG_RUN.sub(r"\1", text)).lower().translate(_DROP).replace(HALF_SPACE, "")
    return " ".join(_WORD.findall(closed)).translate(_SORTING)


def by_name(rows: Iterable[Any]) -> list[Any]:
    """Rows in the order of their names, as people look them up."""
    return sorted(rows, key=lambda row: (sort_key(row.name), row.id))


_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)])
_STORED = _CONTROLS | dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n")


def unseen(text: str) -> bool:
    """True when nothing of a text can be seen: empty, or spaces and marks alone."""
    return not text.translate(_DROP).replace(HALF_SPACE, "").replace("\u200b", "").strip()


def plain(text: str) -> str:
    """The text as it can be stored and shown: lines end in LF, no control characters, no halves of surrogate pairs."""
    text = text.replace("\r\n", "\n").translate(_STORED)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def storable(value: Any) -> Any:
    """Text, or data with texts in it, without what PostgreSQL refuses: NUL and halves of surrogate pairs. The rest
    stays as it is.
    """
    if isinstance(value, str):
        return (
            value
            if value.isascii() and "\0" not in value
            else value.replace("\0", "").encode("utf-8", "replace").decode()
        )
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: storable(getattr(value, field.name)) for field in fields(value)})
    return value


def excerpt(text: str, length: int) -> str:
    """The beginning of a text on one line, at most ``length`` characters, cut between words and marked with «…»."""
    start = " ".join(text.lstrip()[: length * 8].split())[
        : length * 2
    ]  # a list has fifty of these, so little is looked at closely
    line = " ".join(plain(start).translate(_MARKS_OF_DIRECTION).split())
    if len(line) <= length:
        return line
    head = line[: length - 1]
    space = head.rfind(" ", length // 2)
    return (head if space < 0 else head[:space]).rstrip(" " + HALF_SPACE) + "…"


_LETTER = re.compile(r"[^\W\d_]")
_ARABIC, _LATIN = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc]"), re.compile("[A-Za-z]")
LOOKED_AT = 2_000  # characters in which the letters of a language are counted


def written_language(text: str) -> str:
    """ "fa" or "en" by the letters that most of the beginning is written in, else ""."""
    sample = text[:LOOKED_AT]
    letters = len(_LETTER.findall(sample))
    if 2 * len(_ARABIC.findall(sample)) > letters:
        return "fa"
    return "en" if 2 * len(_LATIN.findall(sample)) > letters else ""
