"""Names in a scenario that name nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helpdesk.api.errors import _

from .findings import Finding
from .model import ACTS, Effect, Scenario, When
from .source import Path
from .texts import rules

Use = tuple[str, str, Path]  # (what it names, the name, where)
SENTENCES = {
    "state": _("There is no state “%(name)s”."),
    "fact": _("There is no fact “%(name)s”."),
    "meter": _("There is no meter “%(name)s”."),
    "intent": _("There is no intent “%(name)s”."),
    "limit": _("There is no limit “%(name)s”."),
    "act": _("“%(name)s” is neither an act nor an intent."),
    "speaker": _("There is no speaker “%(name)s” in the cast."),
    "ending": _("There is no ending “%(name)s”."),
}


def unknown_names(scenario: Scenario) -> Iterator[Finding]:
    """Every use of a name that is not declared; then what is declared and never used."""
    known = {
        "state": scenario.states.keys(),
        "fact": scenario.facts.keys(),
        "meter": scenario.meters.keys(),
        "intent": scenario.intents.keys(),
        "limit": scenario.limits.keys() | {"*"},
        "act": {*ACTS, *scenario.intents},
        "speaker": scenario.cast.keys(),
        "ending": {ending.name for ending in scenario.endings} | {"out-of-turns"},
    }
    uses = list(_uses(scenario))
    for kind, name, path in uses:
        if name not in known[kind]:
            yield Finding(scenario.line(*path), f"unknown-{kind}", SENTENCES[kind], values={"name": name})
    used = {name for kind, name, _path in uses if kind in ("intent", "act", "limit")}
    for key, names in (("intents", scenario.intents), ("limits", scenario.limits)):
        for name in names:
            if name not in used and not (key == "limits" and "*" in used):
                sentence = _("“%(name)s” is used nowhere.")
                yield Finding(scenario.line(key, name), "unused", sentence, "warning", {"name": name})


def _uses(scenario: Scenario) -> Iterator[Use]:
    yield "state", scenario.start, ("start",)
    for name, state in scenario.states.items():
        yield from _named("speaker", [state.who], ("states", name, "who"))
    for path, rule in rules(scenario):
        yield from _when(rule.when, (*path, "when"))
        yield from _named("fact", rule.reveal, (*path, "reveal"))
        yield from _moves(rule.effect, rule.goto, path)
    for name, effect in scenario.effects.items():
        yield "act", name, ("effects", name)
        yield from _moves(effect.change, "", ("effects", name))
    for index, timer in enumerate(scenario.timers):
        yield from _named("state", timer.states, ("timers", index, "states"))
        yield from _moves(timer.effect, timer.goto, ("timers", index))
    for index, rung in enumerate(scenario.fallback):
        yield from _moves(rung.effect, rung.goto, ("fallback", index))
    for index, escalation in enumerate(scenario.escalations):
        yield from _when(escalation.when, ("escalations", index, "when"))
        yield from _moves(escalation.effect, escalation.goto, ("escalations", index))
    for index, ending in enumerate(scenario.endings):
        yield from _when(ending.when, ("endings", index, "when"))
    yield from _expected(scenario)


def _expected(scenario: Scenario) -> Iterator[Use]:
    expect = scenario.expect
    yield from _named("act", expect.must_say, ("expect", "must_say"))
    yield from _named("act", expect.must_not, ("expect", "must_not"))
    yield from _named("fact", expect.facts, ("expect", "facts"))
    for index, test in enumerate(scenario.tests):
        path: Path = ("tests", index)
        yield from _named("ending", [test.end or ""], (*path, "end"))
        yield from _named("state", [test.state], (*path, "state"))
        yield from _named("fact", test.reveals, (*path, "reveals"))
        yield from _named("meter", test.meters, (*path, "meters"))


def _when(when: When, path: Path) -> Iterator[Use]:
    for index, one in enumerate(when):
        here = (*path, index) if len(when) > 1 else path
        yield from _named("intent", (*one.intent, *one.no_intent), (*here, "intent"))
        yield from _named("fact", (*one.fact, *one.no_fact), (*here, "fact"))
        yield from _named("state", one.state, (*here, "state"))
        yield from _named("limit", one.over, (*here, "over"))
        yield from _named("meter", one.meter, (*here, "meter"))


def _moves(effect: Effect, goto: str, path: Path) -> Iterator[Use]:
    yield from _named("meter", effect, (*path, "effect"))
    yield from _named("state", [goto], (*path, "goto"))


def _named(kind: str, names: Iterable[str], path: Path) -> Iterator[Use]:
    return ((kind, name, path) for name in names if name)
