"""What a model may make of a planned line: other words for the same, in the same language, telling nothing new.

The engine has decided state, meters and facts by then. Whatever fails here is dropped, and the scripted line stands.
"""

from __future__ import annotations

import re

from ..language.leaks import told_by
from ..matching.normalise import Normal, normalise
from .run import Run

LONGEST = 600  # characters of a phrased line
_MARKUP = re.compile(r"[<>{}\[\]`*_#|\\]|https?:|www\.|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PERSIAN, _LATIN = re.compile(r"[\u0600-\u06ff]"), re.compile(r"[A-Za-z\u00c0-\u024f]")
_ARABIC, _NOT_ARABIC = re.compile("[يكةىأإ]"), re.compile("[یکپچژگ]")
_COMMON = {  # words that hardly a sentence of the language lacks, in their normal form
    "en": frozenset(
        "the a an i you it is are am was to of and in my me do not have has be that this what so will can for on with "
        "your no yes we they at but if all just about please how when why who there would could did does thank".split()
    ),
    "fa": frozenset(
        "و که را از به در با این ان من شما است هست نیست بود شد شود می چه کجا کی چرا برای هم تا یک هر اگر ولی اما پس "
        "باید بله نه دیگر خیلی الان حالا کنید کنم کرد دارم دارید لطفا ممنون خب باشد".split()
    ),
}
_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million دو سه چهار پنج شش هفت هشت نه ده یازده دوازده بیست سی چهل پنجاه شصت هفتاد هشتاد نود صد "
    "هزار میلیون".split()
) - {"نه"}  # which mostly says no


def checked(run: Run, planned: str, phrased: object) -> str:
    """``phrased`` when it may stand for ``planned``, else ``planned``."""
    return planned if phrased is None or objection(run, planned, phrased) else str(phrased).strip()


def objection(run: Run, planned: str, phrased: object) -> str:
    """Why a phrased line may not be said: "form", "length", "language", "number" or "fact"; "" when it may."""
    if not isinstance(phrased, str) or not phrased.strip() or _MARKUP.search(phrased):
        return "form"
    text = phrased.strip()
    if len(text) > min(LONGEST, 3 * len(planned) + 80):
        return "length"
    if not _speaks(text, run.lang):
        return "language"
    said, meant = normalise(text, run.lang), normalise(planned, run.lang)
    if _numbers(said) - _numbers(meant):
        return "number"
    allowed = told_by(run.scenario, run.lang, planned) | set(run.revealed)
    return "fact" if told_by(run.scenario, run.lang, text) - allowed else ""


def _numbers(text: Normal) -> set[str]:
    return {word for word in text.words if word[0].isdigit() or word in _NUMBERS}


def _speaks(text: str, lang: str) -> bool:
    """By its letters, and from six words on by the words that the language cannot do without."""
    persian, latin = len(_PERSIAN.findall(text)), len(_LATIN.findall(text))
    ours, other = (persian, latin) if lang == "fa" else (latin, persian)
    if ours < 1 or other > ours // 4 or (lang == "fa" and len(_ARABIC.findall(text)) > len(_NOT_ARABIC.findall(text))):
        return False
    words = [word for word in normalise(text, lang).words if word[0].isalpha()]
    common = sum(word in _COMMON[lang] or (lang == "fa" and word.startswith(("می", "نمی"))) for word in words)
    return len(words) < 6 or common >= max(2, len(words) // 6)
