"""What a model may make of a planned line, and what it may not: it lies, leaks, rambles and speaks other languages."""

import pytest

from training.engine import Turn, events, start, step
from training.engine.phrasing import checked, objection

from ..reader import read

PLANNED = "What can you do about it?"
FINE = ["And what are you going to do about it?", "So, what can you do for me now?", "Well?"]
BAD = {
    "": "form",
    "   ": "form",
    None: "form",
    42: "form",
    "<b>What</b> can you do?": "form",
    "See https://evil.example": "form",
    "What can you do?\u202e": "form",
    "What {{customer}} can you do?": "form",
    "What can you do about it? " * 20: "length",
    "Was können Sie jetzt dagegen tun, bitte sehr?": "language",
    "Qu'est-ce que vous pouvez faire pour cette affaire maintenant?": "language",
    "چه کار می‌توانید بکنید؟": "language",
    "Can you do it within 2 days?": "number",
    "Can you do it by ten?": "number",
    "Can you do it in ۳ hours?": "number",
    "It is for a farewell, what can you do?": "fact",
    "My pupils wait, what can you do?": "fact",
}


@pytest.mark.parametrize("phrased", BAD, ids=lambda text: str(text)[:30])
def test_what_may_not_be_said_leaves_the_scripted_line(scenario, phrased):
    run = start(scenario, "en", 1)
    assert objection(run, PLANNED, phrased) == BAD[phrased]
    assert checked(run, PLANNED, phrased) == PLANNED


def test_other_words_for_the_same_are_said(scenario):
    run = start(scenario, "en", 1)
    assert [objection(run, PLANNED, text) for text in FINE] == [""] * len(FINE)
    persian = start(scenario, "fa", 1)
    assert objection(persian, "چه کار می‌توانید بکنید؟", "خب، حالا برای من چه کاری از دستتان برمی‌آید؟") == ""
    assert objection(persian, "چه کار می‌توانید بکنید؟", "ماذا يمكنك أن تفعل لي الآن من فضلك؟") == "language"
    assert objection(persian, "شمارهٔ سفارش ۴۴۱۷ است.", "سفارشم 4417 است.") == ""
    told, _new = step(run, Turn("I understand. What was it for?", 10.0), read)
    assert "gift" in told.revealed and objection(told, PLANNED, "The party is tomorrow, what can you do?") == ""


def test_every_line_of_the_example_passes_its_own_check(scenario):
    for lang in ("fa", "en"):
        for state in scenario.states.values():
            for line in state.say.get(lang, ()):
                assert objection(start(scenario, lang, 1), line, line) == "", line


def test_a_lying_model_changes_nothing_but_words(scenario):
    said = iter(["I want 500 euros", "My pupils!", "Hm, what will you do about it?"])
    phrase = lambda run, who, planned: checked(run, planned, next(said))
    run = start(scenario, "en", 1, phrase=phrase)
    run, _new = step(run, Turn("hm", 10.0), read, phrase)
    plain = step(start(scenario, "en", 1), Turn("hm", 10.0), read)[0]
    assert run.events == plain.events
    run, new = step(run, Turn("hm", 20.0), read, phrase)
    assert [event.text for event in new if isinstance(event, events.Said)] == ["Hm, what will you do about it?"]
