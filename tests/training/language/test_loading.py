"""A scenario is read within bounds, as YAML 1.2, and what does not fit is said with its line."""

import pytest

from training.language import Faulty, lint, load

BAD = {
    "[" * 60_000: "depth",
    "{a: " * 9_000: "depth",
    "- " * 30_000: "depth",
    "a:\n" + "".join(" " * n + "b:\n" for n in range(1, 200)): "depth",
    "a: " + "x" * 70_000: "size",
    "a: b\n" * 12_000: "twice",
    "".join(f"k{n}: v\n" for n in range(5_000)): "size",
    "a: &x [1]\nb: *x": "alias",
    "a: &x 1": "alias",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]": "alias",
    "<<: *x": "alias",
    "a: !!python/object/apply:os.system [ls]": "tag",
    "a: !x y": "tag",
    "--- a: 1\n": "yaml",
    "a: 1\n---\nb: 2": "yaml",
    "a: [1": "yaml",
    "? [a]\n: b": "yaml",
    "just words": "yaml",
    "- a": "yaml",
    "": "yaml",
    "a: \x00": "yaml",
    "%YAML 1.1\n---\nid: x": "schema",
    "id: x\nstates: {a: {rules: [{when: {act: nonsense}}]}}": "schema",
    b"a: \xff": "yaml",
    "id: '<script>'": "schema",
    "id: 9999999999999999999999999": "schema",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:24]))
def test_what_is_no_scenario_is_refused_with_line_and_sentence(text):
    with pytest.raises(Faulty) as refused:
        load(text)
    finding = refused.value.findings[0]
    assert finding.code == BAD[text] and finding.line >= 1 and finding.message.strip()
    assert str(refused.value).startswith(f"Line {finding.line}: ")


def test_the_words_of_yaml_1_1_are_words(text):
    """`no`, `on` and `yes` name states and languages without becoming booleans."""
    scenario = load(text.replace("agreed", "yes").replace("lost", "no").replace("guess", "on"))
    assert {"yes", "no"} <= scenario.states.keys() and "on" in scenario.intents and not errors(scenario)


def errors(scenario):
    return [(finding.line, finding.code) for finding in lint(scenario) if finding.severity == "error"]


def test_the_hash_is_of_the_meaning(text, scenario):
    assert load("# a remark\n" + text).hash == scenario.hash != load(text.replace("start: 7", "start: 6")).hash


def test_faults_of_the_schema_name_their_lines(text):
    lines = text.splitlines()
    wrong = {
        "level: 1 ": "level: 9 ",
        "start: 7, show": "start: 70, show",
        'stay: ">= 2"': "stay: often",
        "after: 120s": "after: soon",
    }
    for old, new in wrong.items():
        text = text.replace(old, new, 1)
    text = text.replace("start: opening", "colour: red\nstart: opening")
    with pytest.raises(Faulty) as refused:
        load(text)
    said = {finding.line: finding.message for finding in refused.value.findings}
    expected = sorted(next(i for i, line in enumerate(lines, 1) if old in line) for old in wrong)
    assert len(said) == 5 and set(expected[:3]) <= said.keys()
    assert any("colour" in message for message in said.values())


CHANGES = [  # (what is replaced, by what, the finding)
    ("goto: problem\n        choice", "goto: nowhere\n        choice", "unknown-state"),
    ("reveal: [gift]             #", "reveal: [present]             #", "unknown-fact"),
    ("template: {anger: 1", "template: {rage: 1", "unknown-meter"),
    ("- when: {intent: guess}", "- when: {intent: guessing}", "unknown-intent"),
    ("must_say: [empathy, next_step]", "must_say: [empathie]", "unknown-act"),
    ("{over: goodwill}", "{over: money}", "unknown-limit"),
    ("end: escalated", "end: shouted", "unknown-ending"),
    ("  agreed:\n    say", "  agreed:\n    who: uncle\n    say", "unknown-speaker"),
    ("reveal: [gift]             #", "reveal: [order_no]             #", "never-revealed"),
    ("        goto: agreed\n", "        goto: lost\n", "unreachable"),
    ("- when: {act: ask_closed}\n        say", "- when: {act: [insult, blame]}\n        say", "shadowed"),
    (", en: Thank you for saying that.}", "}", "language"),
    ("score: 1.0", "score: 0.9", "no-resolved"),
    ("insult: {anger: 4, trust: -3, repeat: true}", "insult: {anger: 4}", "harmless"),
    ("en: Do not put the fault on the customer.", "en: It is for her pupils.", "leak"),
    ("What kind of shop is this?", "It is for a farewell!", "leak"),
    ("Find out what is behind it", "It is for a party", "leak"),
    ("    words: {fa: [خداحافظی, جشن, شاگرد*], en: [farewell, party, pupil*]}", "", "words"),
    ("    say: {fa: دیگر نمی‌خواهم با شما حرف بزنم., en: I do not want to talk to you any more.}\n", "", "mute"),
]


def test_the_example_has_no_error_and_one_piece_of_advice(scenario):
    assert [finding.code for finding in lint(scenario)] == ["choices"]


@pytest.mark.parametrize("old, new, code", CHANGES, ids=lambda part: str(part)[:30])
def test_lint_finds(text, old, new, code):
    assert text.count(old) >= 1
    found = {finding.code: finding for finding in lint(load(text.replace(old, new, 1)))}
    assert code in found
    assert found[code].line > 1 and found[code].message and found[code].dump()["severity"] == "error"


def test_lint_finds_states_without_exit_and_tests_of_one_language(text):
    lonely = text.replace("      - when: {all_acts: [apology, ownership]}", "      - when: {act: thanks}").replace(
        "        say: {fa: فقط پولم را پس بدهید., en: Just give me my money back.}\n        goto: problem\n",
        "        say: {fa: نه., en: No.}\n",
    )
    lonely = lonely.replace('{state: lost, stay: ">= 2"}', "{turn: 19}").replace("lang: en", "lang: fa")
    assert {"no-exit", "no-tests"} <= {finding.code for finding in lint(load(lonely))}
