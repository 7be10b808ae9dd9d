"""Lines that tell a hidden fact before it can have been revealed, and facts whose telling does not tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from helpdesk.api.errors import _

from ..matching.normalise import normalise
from .findings import Finding
from .model import Scenario, When
from .paths import surely_revealed
from .source import Path
from .texts import rules


def told_by(scenario: Scenario, lang: str, text: str) -> set[str]:
    """The hidden facts that a text gives away."""
    normal = normalise(text, lang)
    return {
        name
        for name, fact in scenario.facts.items()
        if fact.hidden and any(phrase.pattern.search(normal.text) for phrase in fact.words.get(lang, ()))
    }


def leaks(scenario: Scenario) -> Iterator[Finding]:
    """Findings of all texts, whoever reads them."""
    for path, texts, known in _heard(scenario):
        for lang, text in _each(texts):
            for fact in sorted(told_by(scenario, lang, text) - known):
                sentence = _("This line tells the hidden fact “%(name)s”, which need not be revealed by then.")
                yield Finding(scenario.line(*path, lang), "leak", sentence, values={"name": fact})
    for path, rule in rules(scenario):
        for lang, text in _each(rule.say if rule.reveal else {}):
            hidden = {fact for fact in rule.reveal if scenario.facts[fact].hidden}
            for fact in sorted(hidden - told_by(scenario, lang, text)):
                line = scenario.line(*path, "say", lang)
                sentence = _("This line reveals the fact “%(name)s” without one of its words.")
                yield Finding(line, "untold", sentence, "warning", {"name": fact})


def _each(texts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for lang, given in texts.items():
        for text in given if isinstance(given, tuple) else (given,):
            yield lang, str(text)


def _heard(scenario: Scenario) -> Iterator[tuple[Path, Mapping[str, object], frozenset[str]]]:
    """(path, texts, facts that are surely known by then) of everything trainees see or hear."""
    nothing = frozenset[str]()
    for key in ("title", "brief", "policy"):
        yield (key,), getattr(scenario, key), nothing
    yield ("persona", "about"), scenario.persona.about, nothing
    for who, persona in scenario.cast.items():
        yield ("cast", who, "about"), persona.about, nothing
    known = surely_revealed(scenario)
    for name, state in scenario.states.items():
        yield ("states", name, "say"), state.say, known[name]
        for act, lines in state.acknowledge.items():
            yield ("states", name, "acknowledge", act), lines, known[name]
    for act, lines in scenario.acknowledge.items():
        yield ("acknowledge", act), lines, nothing
    for path, rule in rules(scenario):
        before = _asked(rule.when) | (known[str(path[1])] if path[0] == "states" else nothing)
        then = before | frozenset(rule.reveal)
        yield (*path, "choice"), rule.choice, before
        yield (*path, "say"), rule.say, then
        yield (*path, "coach"), rule.coach, then
        for fact in rule.reveal:
            yield ("facts", fact), scenario.facts[fact].text, then
    for index, timer in enumerate(scenario.timers):
        yield ("timers", index, "say"), timer.say, _common(known[name] for name in timer.states)
    for index, rung in enumerate(scenario.fallback):
        yield ("fallback", index, "say"), rung.say, nothing
    for key in ("escalations", "endings"):
        for index, part in enumerate(getattr(scenario, key)):
            then = _common(frozenset(one.fact) | _common(known[name] for name in one.state) for one in part.when)
            yield (key, index, "say"), part.say, then


def _asked(when: When) -> frozenset[str]:
    return _common(frozenset(one.fact) for one in when)


def _common(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    given = list(sets)
    return frozenset.intersection(*given) if given else frozenset()
