"""What is wrong with a scenario that its schema allows. Errors keep it from being released; warnings are advice."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.api.errors import _

from .findings import Finding
from .implied import implied
from .leaks import leaks
from .model import HARMFUL, LANGS, Scenario
from .names import unknown_names
from .paths import exits, reachable
from .texts import rules, spoken


def lint(scenario: Scenario) -> list[Finding]:
    """Every finding, by line."""
    checks = (unknown_names, _languages, _states, _shadowed, _facts, _mute, _choices, _harmless, _endings, _tests)
    found = [finding for check in checks for finding in check(scenario)]
    if not any(finding.code.startswith("unknown") for finding in found):
        found += leaks(scenario)
    return sorted(found, key=lambda finding: (finding.line, finding.code))


def _languages(scenario: Scenario) -> Iterator[Finding]:
    for path, lines in spoken(scenario):
        for lang in LANGS:
            if not lines.get(lang):
                sentence = _("There is no text in the language “%(lang)s” here.")
                yield Finding(scenario.line(*path), "language", sentence, values={"lang": lang})


def _states(scenario: Scenario) -> Iterator[Finding]:
    reached = reachable(scenario)
    for name in scenario.states:
        line = scenario.line("states", name)
        if name not in reached:
            sentence = _("The state “%(name)s” can never be reached.")
            yield Finding(line, "unreachable", sentence, values={"name": name})
        elif not exits(scenario, name):
            sentence = _("The state “%(name)s” has no exit: no rule leads on and no ending names it.")
            yield Finding(line, "no-exit", sentence, values={"name": name})


def _shadowed(scenario: Scenario) -> Iterator[Finding]:
    every = list(rules(scenario))
    for later, (path, rule) in enumerate(every):
        earlier = (other for other in every[:later] if other[0][0] == "rules" or other[0][:2] == path[:2])
        by = next((first for first, other in earlier if implied(rule.when, other.when)), None)
        if by:
            sentence = _("This rule can never match: the rule in line %(line)s matches first.")
            yield Finding(scenario.line(*path), "shadowed", sentence, values={"line": scenario.line(*by)})


def _facts(scenario: Scenario) -> Iterator[Finding]:
    told = {fact for _path, rule in rules(scenario) for fact in rule.reveal}
    for name, fact in scenario.facts.items():
        line, values = scenario.line("facts", name), {"name": name}
        if fact.hidden and name not in told:
            sentence = _("The hidden fact “%(name)s” is never revealed.")
            yield Finding(line, "never-revealed", sentence, values=values)
        if fact.hidden and any(not fact.words.get(lang) for lang in LANGS):
            sentence = _("The hidden fact “%(name)s” needs words in both languages that give it away.")
            yield Finding(line, "words", sentence, values=values)


def _mute(scenario: Scenario) -> Iterator[Finding]:
    for path, rule in rules(scenario):
        entered = scenario.states.get(rule.goto)
        if not (rule.say or rule.reveal or (entered and entered.say)):
            sentence = _("The customer says nothing here: add say, reveal, or a goto that speaks.")
            yield Finding(scenario.line(*path), "mute", sentence)
    start = scenario.states.get(scenario.start)
    if start and not start.say:
        yield Finding(scenario.line("states", scenario.start), "mute", _("The first state needs a line to begin with."))


def _choices(scenario: Scenario) -> Iterator[Finding]:
    for name, state in scenario.states.items():
        if state.rules and sum(bool(rule.choice) for rule in state.rules) < 2:
            sentence = _("Two rules of the state “%(name)s” should have a choice: a good move and a poor one.")
            line = scenario.line("states", name)
            yield Finding(line, "choices", sentence, "warning", {"name": name})


def _harmless(scenario: Scenario) -> Iterator[Finding]:
    for act in HARMFUL:
        effect = scenario.effects.get(act)
        if effect is None or not effect.repeat or not any(effect.change.values()):
            sentence = _("The act “%(act)s” must change a meter each time: give it an effect with repeat: true.")
            yield Finding(scenario.line("effects", act), "harmless", sentence, values={"act": act})


def _endings(scenario: Scenario) -> Iterator[Finding]:
    reached, good = reachable(scenario), False
    for index, ending in enumerate(scenario.endings):
        open_to = any(not one.state or reached & set(one.state) for one in ending.when)
        good = good or (open_to and ending.score == 1)
        if not open_to:
            line = scenario.line("endings", index)
            yield Finding(line, "unreachable-ending", _("This ending can never be reached."), "warning")
    if not good:
        sentence = _("No reachable ending has the score 1.0: the conversation cannot go well.")
        yield Finding(scenario.line("endings"), "no-resolved", sentence)


def _tests(scenario: Scenario) -> Iterator[Finding]:
    for lang in LANGS:
        if not any(test.lang == lang for test in scenario.tests):
            sentence = _("There is no test in the language “%(lang)s”.")
            yield Finding(scenario.line("tests"), "no-tests", sentence, values={"lang": lang})
