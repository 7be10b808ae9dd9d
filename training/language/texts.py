"""Every text of a scenario that somebody reads, with the path to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .model import Rule, Scenario
from .source import Path


def spoken(scenario: Scenario) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """(path, text by language) of every text that is there at all."""
    for path, text in _all(scenario):
        if text:
            yield path, text


def rules(scenario: Scenario) -> Iterator[tuple[Path, Rule]]:
    """(path, rule) of every rule: those before all states', then each state's."""
    for index, rule in enumerate(scenario.rules):
        yield ("rules", index), rule
    for name, state in scenario.states.items():
        for index, rule in enumerate(state.rules):
            yield ("states", name, "rules", index), rule


def _all(scenario: Scenario) -> Iterator[tuple[Path, Mapping[str, object]]]:
    yield ("title",), scenario.title
    yield ("brief",), scenario.brief
    yield ("policy",), scenario.policy
    yield ("notes",), scenario.notes
    for path, rule in rules(scenario):
        for part in ("say", "coach", "choice"):
            yield (*path, part), getattr(rule, part)
    for act, lines in scenario.acknowledge.items():
        yield ("acknowledge", act), lines
    for path, persona in [
        (("persona",), scenario.persona),
        *((("cast", who), one) for who, one in scenario.cast.items()),
    ]:
        yield (*path, "name"), persona.name
        yield (*path, "about"), persona.about
    for name, meter in scenario.meters.items():
        yield ("meters", name, "label"), meter.label
    for name, fact in scenario.facts.items():
        yield ("facts", name), fact.text
    for name, state in scenario.states.items():
        base: Path = ("states", name)
        yield (*base, "say"), state.say
        for act, lines in state.acknowledge.items():
            yield (*base, "acknowledge", act), lines
        for bot, lines in state.bots.items():
            yield (*base, "bots", bot), lines
    for key in ("timers", "fallback", "escalations", "endings"):
        for index, part in enumerate(getattr(scenario, key)):
            yield (key, index, "say"), part.say
    for index, ending in enumerate(scenario.endings):
        yield ("endings", index, "title"), ending.title
