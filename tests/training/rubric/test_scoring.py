"""The rubric on conversations of a few lines: better replies score higher, with words that show why."""

import json

import pytest
from click.testing import CliRunner

from helpdesk.api.errors import Invalid
from tests.training import measure
from training.cli import training
from training.language.model import DIMENSIONS
from training.matching import read
from training.rubric import Message, core, levels, parse, score
from training.rubric.waiting import timing

SAID = {"en": "My parcel is three days late!", "fa": "بستهٔ من سه روز دیر کرده!"}
GOOD = {
    "en": "Hello, this is Tom. Three days of waiting is maddening and I'm sorry. I'll ring the depot myself and write by 17:00.",
    "fa": "سلام، کاوه هستم از پشتیبانی. سه روز انتظار واقعاً کلافه‌کننده است، معذرت می‌خواهم. خودم پیگیرم و تا ساعت ۱۷ خبر می‌دهم.",
}
BAD = {"en": "Stop making such a fuss, it's only three days.", "fa": "شلوغش نکنید، به ما ربطی ندارد."}
RUDE = {"en": "Are you stupid?", "fa": "شما واقعاً نفهم هستید."}


def card(reply, lang, *more, at=(0, 20)):
    return score([Message("customer", SAID[lang], at[0]), Message("agent", reply, at[1]), *more], lang)


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_better_reply_scores_higher_and_shows_its_words(lang):
    good, bad = card(GOOD[lang], lang), card(BAD[lang], lang)
    assert good.total > 0.6 > 0.4 > bad.total
    for name in ("empathy", "ownership", "tone"):
        assert good.ratings[name].level >= 3
        assert good.ratings[name].level > (bad.ratings[name].level or 0)
        assert 0 < good.ratings[name].confidence <= 1
    for rating in good.ratings.values():
        assert all(0 <= one.start < one.end <= len(GOOD[lang]) and one.message == 1 for one in rating.evidence)
    json.dumps(good.dump())


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_an_insult_fails_the_conversation_and_keeps_its_levels(lang):
    failed = card(RUDE[lang], lang)
    assert [one.code for one in failed.autofails] == ["insult"]
    assert failed.ratings["tone"].level <= 1
    assert not card(GOOD[lang], lang).autofails


def test_data_told_before_the_proof_fail(scenario):
    facts = {name: fact for name, fact in scenario.facts.items() if fact.verify}
    assert facts, "the example has a fact that asks for a proof"
    told = next(iter(facts.values())).text["en"]
    talk = [Message("customer", "Where is it?"), Message("agent", told)]
    codes = {one.code for one in score(talk, "en", scenario).autofails}
    asked = [talk[0], Message("agent", "Before I tell you more I need to be sure it is you."), talk[0], talk[1]]
    named = [Message("customer", told), talk[1]]
    assert codes == {"disclosure"}
    assert not score(asked, "en", scenario).autofails
    assert not score(named, "en", scenario).autofails


def test_waiting_is_judged_by_the_longest_wait():
    talk = [Message("customer", "Hi", 0), Message("agent", "Hello", 10), Message("customer", "And?", 20)]
    assert timing(talk, None) == 4
    assert timing([*talk, Message("agent", "So.", 20 + 240)], None) == 1
    assert timing([Message("customer", "Hi"), Message("agent", "Hello")], None) is None


def test_every_dimension_says_what_each_level_means_in_both_languages():
    rubric = core()
    assert tuple(rubric.dimensions) == DIMENSIONS
    assert sum(dim.weight for dim in rubric.dimensions.values()) == 100
    for dim in rubric.dimensions.values():
        assert len(dim.levels) == 5
        assert all(level["fa"] and level["en"] for level in (dim.title, *dim.levels))
    assert all(dim.measure for name, dim in rubric.dimensions.items() if name != "timing")


def test_a_run_of_the_engine_has_levels(scenario):
    from training.bots import walk

    ideal, rude = (levels(walk(scenario, bot, "en", read)) for bot in ("ideal", "rude"))
    assert sum(ideal.values()) / len(ideal) > sum(rude.values()) / len(rude)


@pytest.mark.parametrize("line", ["[]", "{", '{"from": "me", "text": "x"}', '{"from": "agent", "text": 1}', "[" * 9000])
def test_a_line_that_is_no_message_is_named(line):
    with pytest.raises(Invalid, match="2"):
        parse(['{"from": "agent", "text": "x"}', line])
    with pytest.raises(Invalid, match="200"):
        parse(['{"from": "agent", "text": "x"}'] * 201)


def test_commands_answer_in_json_lines():
    acts = CliRunner().invoke(training, ["acts", "--lang", "en"], input="I am sorry.\nThank you.\n").stdout.splitlines()
    assert [json.loads(line)["acts"][0]["name"] for line in acts] == ["apology", "thanks"]
    talk = "\n".join(json.dumps({"from": who, "text": text}) for who, text in (("customer", "Hi"), ("agent", "Hello")))
    scored = CliRunner().invoke(training, ["score", "--lang", "en"], input=talk)
    assert set(json.loads(scored.stdout)["ratings"]) == set(DIMENSIONS)
    refused = CliRunner().invoke(training, ["score", "--lang", "en"], input="{}")
    assert refused.exit_code == 2
    assert "problem" in json.loads(refused.stdout)


def test_the_measures_are_no_worse_on_the_development_set():
    some = [one for lang in measure.LANGS for one in measure.replies("dev", lang)]
    assert {name: kappa for name, _times, kappa, _part in measure.level_rows(some) if kappa < 0.75} == {}
    assert measure.spearman(some) >= 0.9
    wrong, clean, _caught, _faulty = measure.fails(some)
    assert wrong / clean < 0.03
