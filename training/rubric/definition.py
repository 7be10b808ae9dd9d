"""The rubric "core" and the weights of its automatic measures, read once from their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
Text = Mapping[str, str]


@dataclass(frozen=True)
class Measure:
    """A level as a constant plus the weights of what a reply shows; ``trust`` is its agreement with labellers."""

    trust: float
    constant: float
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Dimension:
    """One of the eleven: its share of the total, when a reply is judged on it, and what each level means."""

    name: str
    weight: float
    sure: float
    occasion: frozenset[str]
    title: Text
    levels: tuple[Text, ...]
    measure: Measure | None


@dataclass(frozen=True)
class Rubric:
    """The dimensions in order, and the sentences of the faults that fail a conversation."""

    id: str
    version: int
    dimensions: Mapping[str, Dimension]
    autofails: Mapping[str, Text]


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((FOLDER / name).read_bytes())
    return loaded


@lru_cache(maxsize=1)
def core() -> Rubric:
    """The rubric that every scenario uses unless it names another."""
    content, weights = _read("core.yaml"), _read("weights.yaml")
    dimensions = {
        name: Dimension(
            name,
            one["weight"],
            one["sure"],
            frozenset(one.get("occasion", ())),
            one["title"],
            tuple(one["levels"]),
            Measure(**weights[name]) if name in weights else None,
        )
        for name, one in content["dimensions"].items()
    }
    return Rubric(content["id"], content["version"], dimensions, content["autofails"])
