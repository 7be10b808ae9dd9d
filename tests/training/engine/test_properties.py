"""What is true of every run of every scenario: it replays to the same bytes, tells no hidden fact, and can end."""

import json
from pathlib import Path
from random import Random

import pytest

from helpdesk.testing.sizes import size
from training.engine import Turn, dump, events, fold, load, replay, start, step, tick, turns_of
from training.engine.run import TURNS
from training.language import load as scenario_in
from training.language.leaks import told_by

from ..reader import PHRASES, read

HERE = Path(__file__).parents[1]
FILES = [HERE / "wet-book.yaml", *sorted((HERE.parents[1] / "training/scenarios").glob("*.yaml"))]
SAYINGS = [one.replace("(", "").replace(")", "").split("|")[-1] for some in PHRASES.values() for one in some]
FILES_AND_COUNTS = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def random_run(scenario, chance):
    """A run of some turns, silences and buttons, with the customer's words phrased anew now and then."""
    lang, seed = chance.choice(["fa", "en"]), chance.randrange(10**6)
    phrase = lambda run, who, planned: planned + "." if chance.random() < 0.2 else planned
    run = start(scenario, lang, seed, phrase=phrase)
    ideal = [text for state in scenario.states.values() for text in state.bots.get("ideal", {}).get(lang, ())]
    at = 0.0
    while not run.end:
        at += chance.choice([1, 20, 60.5, 130, 400])
        if chance.random() < 0.2:
            run, _new = tick(run, at, phrase=phrase)
        elif run.choices and chance.random() < 0.5:
            run, _new = step(run, Turn(at=at, choice=chance.randrange(len(run.choices)) + 1), read, phrase)
        else:
            text = " ".join(chance.choice([*SAYINGS, *ideal, "hm", "🙂"]) for _word in range(chance.randrange(1, 4)))
            run, _new = step(run, Turn(text, at, ("refund",) if chance.random() < 0.1 else ()), read, phrase)
    return run


@FILES_AND_COUNTS
def test_random_runs_replay_to_the_same_bytes_and_end_and_keep_their_secrets(path):
    scenario, chance = scenario_in(path.read_text("utf-8")), Random(path.stem)
    ends = set()
    for _number in range(size(12, 10_000 // len(FILES) + 1)):
        run = random_run(scenario, chance)
        ends.add(run.end)
        assert run.turns <= TURNS and all(0 <= value <= 10 for value in run.meters.values())
        stored = json.dumps([dump(event) for event in run.events], ensure_ascii=False)
        recorded = [load(event) for event in json.loads(stored)]
        again = replay(scenario, run.lang, run.seed, turns_of(recorded), read)
        assert json.dumps([dump(event) for event in again.events], ensure_ascii=False) == stored
        assert fold(scenario, recorded) == again == run
        known = set()
        for index, event in enumerate(run.events):
            if isinstance(event, events.Revealed):
                known.add(event.fact)
            elif isinstance(event, events.Said):
                assert told_by(scenario, run.lang, event.text) <= known, event
    assert ends - {"out-of-turns"}


@FILES_AND_COUNTS
def test_a_bad_reply_makes_the_customer_worse(path):
    """In 95 of 100 runs a meter moves at an insult, wherever the run stands."""
    scenario, chance = scenario_in(path.read_text("utf-8")), Random(path.stem)
    worse = total = 0
    while total < size(20, 1000):
        run = start(scenario, "en", total)
        for number in range(chance.randrange(4)):
            if not run.end:
                run, _new = step(run, Turn(chance.choice(SAYINGS), (number + 1) * 20.0), read)
        if not run.end:
            _after, new = step(run, Turn("You are an idiot, it is your own fault.", 200.0), read)
            worse += any(isinstance(event, events.MeterMoved) and event.by for event in new)
            total += 1
    assert worse >= 0.95 * total
