"""What no list of phrases shows: a question by its mark, a name by its place or capital, a matter said back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import re2

from .finding import SURE, WEAK, Hit
from .lexicon import Lexicon
from .overlap import shared
from .sentences import Sentence, sentence_at

NAMED = 160  # characters from the beginning in which writers name themselves
SHARED = 2  # words of the customer's that a matter said back takes up at least
_ANSWERED = ("ask_open", "closing", "paraphrase", "private", "insult")  # acts that a question may be instead
_NAME = re2.compile(
    r"(?:\b(?:[Tt]his is|I'm|I am|[Ii]t's|[Mm]y name is|(?:speaking|chatting) (?:with|to)) ([A-Z][a-zé]+)"
    r"|\b([A-Z][a-zé]+),? (?:here|speaking|speaks)\b|\b([A-Z][a-zé]+) from (?:the |our |Hamdel|[A-Z]))"
)
_NO_NAME = frozenset("I It You We This That Here There The My Your Hello Hi Sorry Thank Ms Mr Afraid".split())
_SIGNED = re2.compile(r"\n[ \t]*([^\n.!?؟:]{2,60}[.]?)\s*$")
_FAREWELL = re2.compile(r"(?i)regards|sincerely|wishes|day|thank|bye|خدا|روز|سپاس|احترام|ممنون|تشکر")


def introductions(text: str) -> Iterator[tuple[int, int]]:
    """Where writers name themselves in the original text: "Tom here", or a last line that is a name."""
    text = text.encode("utf-8", "replace").decode()  # half of a letter is one mark, too
    for found in _NAME.finditer(text[:NAMED]):
        which = next(group for group in (1, 2, 3) if found.group(group))
        if found.group(which) not in _NO_NAME:
            yield found.span()
    signed = _SIGNED.search(text[-80:]) if "\n" in text else None
    if signed and len(signed.group(1).split()) <= 6 and not _FAREWELL.search(signed.group(1)):
        start = max(0, len(text) - 80)
        yield start + signed.start(1), start + signed.end(1)


def questions(
    normal: str, text: Sequence[Sentence], found: Mapping[str, Sequence[Hit]], lexicon: Lexicon
) -> Iterator[Hit]:
    """The sentences that ask for one fact or a yes: those with a question mark that ask nothing else."""
    other = {hit.sentence for name in _ANSWERED for hit in found.get(name, ()) if hit.confidence >= SURE}
    other |= {hit.sentence + 1 for hit in found.get("ask_open", ())}
    if "verify_asks" not in lexicon.switches:
        other |= {hit.sentence + after for hit in found.get("verify", ()) for after in (0, 1)}
    other |= {sentence_at(text, start).number for start, _end in lexicon.cues["rhetorical"].spans(normal)}
    yield from (hit for hit in found["ask_closed"] if hit.sentence not in other)
    for sentence in text:
        if sentence.asks and sentence.number not in other:
            yield Hit("ask_closed", sentence.start, sentence.end, SURE, sentence.number)


def said_back(text: Sequence[Sentence], found: Sequence[Hit], said: str, lang: str, lexicon: Lexicon) -> Iterator[Hit]:
    """What looks like a paraphrase and is one: its words say so, or it takes up the customer's words."""
    yield from (hit for hit in found if hit.confidence >= SURE)
    for number in sorted({hit.sentence for hit in found if hit.confidence < SURE}):
        sentence = text[number]
        if shared(sentence.text.split(), said, lang, lexicon) >= SHARED:
            yield Hit("paraphrase", sentence.start, sentence.end, WEAK, number)
