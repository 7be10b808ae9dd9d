"""The phrases of each act, per language: ``en.yaml`` and ``fa.yaml``, compiled once in a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ..phrases import Phrase, one_of, word_sets

PLACES = ("any", "question", "statement", "first", "last", "weak", "none", "unless")


@dataclass(frozen=True)
class Entry:
    """What shows one act: a compiled pattern for each of ``PLACES`` that has phrases."""

    name: str
    phrases: Mapping[str, Phrase]
    hidden_by: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """All of one language: the acts, the cues that are no acts, and the words that carry no matter."""

    acts: Mapping[str, Entry]
    cues: Mapping[str, Phrase]
    stop: frozenset[str]
    switches: frozenset[str]


@lru_cache(maxsize=2)
def lexicon(lang: str) -> Lexicon:
    """The lexicon of "fa" or "en"."""
    content = YAML(typ="safe", pure=True).load((Path(__file__).parent / f"{lang}.yaml").read_bytes())
    sets = word_sets(content["sets"])
    cues = {name: one_of(texts, sets) for name, texts in content["cues"].items()}
    acts = {name: _entry(name, entry, sets) for name, entry in content["acts"].items()}
    return Lexicon(acts, cues, frozenset(content["stop"]), frozenset(content.get("switches", ())))


def _entry(name: str, entry: Mapping[str, Any], sets: Mapping[str, str]) -> Entry:
    phrases = {place: one_of(entry[place], sets) for place in PLACES if entry.get(place)}
    return Entry(name, phrases, frozenset(entry.get("hidden_by", ())))
