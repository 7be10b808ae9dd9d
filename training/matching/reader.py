"""The acts of a reply: phrases of the lexicon, what its structure shows, and which act makes another void."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .finding import SURE, Hit, hits
from .lexicon import Lexicon, lexicon
from .normalise import Normal, normalise
from .overlap import shared
from .reading import Act, Reading
from .sentences import Sentence, sentences
from .structure import introductions, questions, said_back

MOST = 3  # places shown of one act


def read(text: str, lang: str, said: str = "") -> Reading:
    """What a reply in "fa" or "en" says to the customer's words ``said``."""
    normal, words = normalise(text, lang), lexicon(lang)
    parts = sentences(normal.text)
    found = {name: hits(entry, normal.text, parts) for name, entry in words.acts.items()}
    found["paraphrase"] = list(said_back(parts, found["paraphrase"], said, lang, words))
    found["ask_closed"] = list(questions(normal.text, parts, found, words))
    kept = _meant(found, words)
    acts = [act for name in kept for act in _acts(kept[name], normal, parts, said, lang, words)]
    if "introduce" not in kept:
        acts += [Act("introduce", start, end, SURE) for start, end in list(introductions(text))[:1]]
    return Reading(normal, tuple(sorted(acts, key=lambda act: (act.start, act.end, act.name))))


def _meant(found: Mapping[str, Sequence[Hit]], words: Lexicon) -> dict[str, Sequence[Hit]]:
    """The acts that no other makes void."""
    there = {name for name, places in found.items() if places}
    return {name: found[name] for name in found if name in there and not words.acts[name].hidden_by & there}


def _acts(
    places: Sequence[Hit], normal: Normal, parts: Sequence[Sentence], said: str, lang: str, words: Lexicon
) -> list[Act]:
    """One act for each sentence that shows it, surest first, ``MOST`` at most."""
    best: dict[int, Hit] = {}
    for hit in places:
        if hit.sentence not in best or hit.confidence > best[hit.sentence].confidence:
            best[hit.sentence] = hit
    acts = []
    for hit in sorted(best.values(), key=lambda hit: -hit.confidence)[:MOST]:
        start, end = normal.original(hit.start, hit.end)
        specific = hit.name == "empathy" and shared(parts[hit.sentence].text.split(), said, lang, words)
        acts.append(Act(hit.name, start, end, min(1.0, hit.confidence + 0.1) if specific else hit.confidence))
    return acts
