"""One conversation after the other: what the customer does about a reply, and why."""

import pytest

from helpdesk.api.errors import Invalid
from training.bots import walk
from training.checking import check
from training.engine import Turn, dump, events, fold, fork, replay, start, step, tick, turns_of
from training.language import load

from ..reader import read


def play(scenario, *replies, lang="en", seed=1):
    run = start(scenario, lang, seed)
    for number, reply in enumerate(replies, 1):
        run, _new = step(run, reply if isinstance(reply, Turn) else Turn(reply, number * 20.0), read)
    return run


def of(run, kind):
    return [event for event in run.events if isinstance(event, kind)]


def test_a_turn_goes_in_the_fixed_order_and_shows_its_evidence(scenario):
    run = start(scenario, "en", 1)
    text = "I am so sorry, how upsetting. What was it for? Our guess: there tomorrow."
    run, new = step(run, Turn(text, 130.0), read)
    kinds = [event.kind for event in new]
    assert kinds == ["replied"] + ["meter"] * 3 + ["timer", "meter", "said", "rule", "revealed", "said", "moved"]
    replied = new[0]
    assert [text[a:b] for _name, a, b, _sure in replied.acts] == ["sorry", "upsetting", "What was"]
    assert [(name, text[a:b]) for name, a, b in replied.intents] == [("guess", "there tomorrow")]
    assert [(e.because, text[e.start : e.end]) for e in new[1:4]][0] == ("act:apology", "sorry")
    assert (new[4].at, new[6].at, new[9].at) == (120.0, 120.0, 130.0)
    assert run.meters == {"anger": 4, "trust": 4, "patience": 4} and run.revealed == ("gift",)


def test_an_effect_counts_once_unless_it_repeats(scenario):
    calm = play(scenario, "sorry", "sorry", "sorry")
    assert [event.by for event in of(calm, events.MeterMoved) if event.because == "act:apology"] == [-1]
    rude = play(scenario, "It is your own fault", lang="en")
    assert rude.meters["anger"] == 10 and rude.end == "escalated"


def test_a_good_act_without_a_rule_is_acknowledged_once_in_a_stay(scenario):
    run = play(scenario, "I understand", "I understand")
    assert [event.place for event in of(run, events.Said)][1:] == [
        "states.opening.acknowledge.empathy",
        "fallback.0.say",
    ]


def test_the_ladder_leads_to_buttons_and_a_button_is_a_turn(scenario):
    run = play(scenario, "I understand", "hm", "hm", "sorry", "hm", "hm", "hm")
    rungs = [event.rung for event in of(run, events.FellBack)]
    assert rungs == [0, 1, 0, 1, 2]  # the acknowledged apology began it anew
    assert [label for _rule, label in run.choices] == ["Ask what the book was for.", "Just ask for the order number."]
    chosen, new = step(run, Turn(at=500.0, choice=1), read)
    assert chosen.state == "problem" and chosen.revealed == ("gift",) and new[0].choice == 1
    assert new[0].acts == (("ask_open", 0, 26, 0.5),)
    with pytest.raises(Invalid, match="no such choice"):
        step(chosen, Turn(at=501.0, choice=1), read)


def test_a_number_beside_its_phrase_is_an_offer_over_the_limit(scenario):
    opened = ["How upsetting. What was it for?"]
    for text, over in {
        "I can give you 30 percent off": ("goodwill",),
        "I can give you 20 percent off": (),
        "Of 500 books some are late, here is a discount": (),
        "a discount of 25": ("goodwill",),
    }.items():
        run = play(scenario, *opened, text)
        assert of(run, events.Replied)[-1].over == over, text


def test_silence_fires_timers_from_recorded_times_alone(scenario):
    run = start(scenario, "en", 1)
    assert tick(run, 119.0) == (run, [])
    run, new = tick(run, 125.0)
    assert [event.kind for event in new] == ["waited", "timer", "meter", "said"]
    assert tick(run, 299.0)[1] == []
    run, new = step(run, Turn("Hello", 310.0), read)
    assert [event.timer for event in new if isinstance(event, events.TimerFired)] == [1]
    assert of(step(run, Turn("Hello", 431.0), read)[0], events.TimerFired)[-1].timer == 0  # the clock began anew
    late = play(scenario, Turn("Hello", 310.0))
    assert [event.timer for event in of(late, events.TimerFired)] == [0, 1]


def test_escalation_and_endings(scenario):
    tired = play(scenario, *["hm"] * 4)
    assert [event.to for event in of(tired, events.Escalated)] == ["supervisor"]
    assert not tired.end
    with pytest.raises(Invalid, match="over"):
        step(play(scenario, "your own fault"), Turn("sorry", 99.0), read)
    endless = play(scenario, *["The order number?"] * 20)
    assert endless.end == "gave_up" and endless.score == 0.1


@pytest.mark.parametrize(
    "turn",
    [
        Turn("", 1.0),
        Turn("  \n", 1.0),
        Turn("x" * 4001, 1.0),
        Turn("a", float("nan")),
        Turn("a", 1e12),
        Turn("a", 1.0, ("A b,c",)),
        Turn("a", 1.0, ("x",) * 11),
    ],
)
def test_a_turn_out_of_bounds_is_refused(scenario, turn):
    with pytest.raises(Invalid):
        step(start(scenario, "en", 1), turn, read)


def test_variants_follow_the_seed_and_do_not_repeat_before_all_were_said(scenario):
    openings = {start(scenario, "en", seed).said for seed in range(20)}
    assert len(openings) == 2
    assert [start(scenario, "en", 7).said for _again in range(3)].count(start(scenario, "en", 7).said) == 3


def test_a_fork_stands_where_the_run_stood(scenario):
    run = play(scenario, "I understand", "What was it for?", "a refund")
    assert fork(run, 2) == play(scenario, "I understand")
    with pytest.raises(Invalid):
        fork(run, 4)


def test_phrased_lines_are_kept_and_replay_needs_no_model(scenario):
    said = iter(range(100))
    phrase = lambda run, who, planned: f"{planned} ({next(said)})"
    run = start(scenario, "en", 1, phrase=phrase)
    run, _new = step(run, Turn("What was it for? sorry", 10.0), read, phrase)
    run, _new = tick(run, 400.0, phrase=phrase)
    again = replay(scenario, "en", 1, turns_of(run.events), read)
    assert again.events == run.events and "(0)" in of(run, events.Said)[0].text
    assert fold(scenario, [events.load(dump(event)) for event in run.events]) == run


def test_the_bots_of_the_example_stand_in_order(text, scenario):
    report = check(text, read)
    assert report.ok and not report.problems, report.dump()
    assert len(report.tests) == 3 and report.bots["ideal"]["fa"]["end"] == "resolved"
    worse = check(text.replace("end: escalated", "end: resolved").replace("ideal:", "rude:"), read)
    assert not worse.ok and [one["name"] for one in worse.tests if one["problems"]] == ["rude-en"]
    assert {finding.values["lang"] for finding in worse.problems} == {"fa", "en"}
    assert walk(scenario, "silent", "fa", read).meters["patience"] < 5


def test_with_a_rubric_the_bots_are_ordered_by_it_too(text):
    levels = lambda run: {"tone": 4 if run.end == "resolved" else 1, "empathy": 2}
    report = check(text, read, levels)
    assert {finding.values["worse"] for finding in report.problems} == {"rude"}  # as well as the polite one
    graded = lambda run: {"tone": 3 if run.turns > 1 else 0, "empathy": 2}
    assert check(text, read, graded).ok


def test_a_scenario_with_errors_is_not_walked(text):
    report = check(text.replace("goto: problem", "goto: nowhere", 1), read)
    assert not report.ok and not report.tests and report.findings[0].line > 1
    assert check("id: x", read).dump()["ok"] is False
    assert load(text).hash == check(text, read).dump()["hash"]
