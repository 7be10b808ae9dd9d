"""The twelve bundled scenarios: nothing to find in them, enough in them to teach with, and tests in both languages."""

from pathlib import Path

import pytest

from training.checking import check
from training.language import lint, load
from training.language.model import LANGS
from training.matching import read

FILES = sorted((Path(__file__).parents[3] / "training/scenarios").glob("*.yaml"))
MARKS = (" ،", " ؟", " ؛", "ي", "ك", "ه ی ", "می باشد", "می‌باشد")  # what good Persian does not have


def lines(scenario, lang):
    """Everything the customer may say in a language."""
    said = [fact.text for fact in scenario.facts.values()]
    said += [*scenario.acknowledge.values()]
    for state in scenario.states.values():
        said += [state.say, *(rule.say for rule in state.rules), *state.acknowledge.values()]
    for parts in (scenario.timers, scenario.fallback, scenario.escalations, scenario.endings):
        said += [part.say for part in parts]
    given = [texts.get(lang, ()) for texts in said]
    return {line for one in given for line in (one if isinstance(one, tuple) else (one,))}


def test_there_are_twelve():
    assert len(FILES) == 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_is_clean_and_has_enough_to_teach_with(path):
    scenario = load(path.read_bytes())
    assert scenario.id == path.stem
    assert [(finding.line, finding.code) for finding in lint(scenario)] == []
    assert len(scenario.states) >= 8 and sum(fact.hidden for fact in scenario.facts.values()) >= 3
    scores = sorted(ending.score for ending in scenario.endings)
    assert len(scores) >= 4 and scores[0] == 0 and scores[-1] == 1 and any(0.5 <= score < 1 for score in scores)
    assert scenario.escalations and scenario.timers and scenario.notes and scenario.policy
    assert len(scenario.tests) >= 6
    for lang in LANGS:
        assert len(lines(scenario, lang)) >= 25
        assert sum(test.lang == lang for test in scenario.tests) >= 3
    assert [(line, mark) for line in lines(scenario, "fa") for mark in MARKS if mark in line] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_own_tests_hold_and_the_bots_end_in_order(path):
    """With the desk's own reader of acts, in both languages: ideal above polite and empty above rude."""
    report = check(path.read_bytes(), read)
    failed = {test["name"]: [str(one.message) for one in test["problems"]] for test in report.tests if test["problems"]}
    assert failed == {} and [str(one.message) for one in report.problems] == []
    for lang in LANGS:
        ideal, polite, rude = (report.bots[bot][lang]["score"] for bot in ("ideal", "polite-empty", "rude"))
        assert ideal == 1 > polite > rude
