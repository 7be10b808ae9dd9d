"""The reader of acts on sentences of its own, and on the development set, where it may not become worse."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.matching import read
from training.matching.reader import MOST

DEV = sorted((Path(__file__).parents[3] / "training/labelled/dev").glob("*.jsonl"))

SHOWN = [
    ("en", "Good morning, this is Ines.", {"greeting", "introduce"}),
    ("en", "I can see how frustrating that must be.", {"empathy"}),
    ("en", "I don't see why you are upset.", {"dismiss"}),
    ("en", "I am not sorry.", {"dismiss"}),
    ("en", "I'm sorry we kept you waiting.", {"apology"}),
    ("en", "What happened when you opened it?", {"ask_open"}),
    ("en", "Could you send me the order number?", {"ask_closed"}),
    ("en", "Before I tell you more I need to be sure it is you.", {"verify"}),
    ("en", "I'll look after this myself.", {"ownership"}),
    ("en", "I guarantee it will never fail.", {"overpromise"}),
    ("en", "I can't guarantee a time.", {"refuse"}),
    ("en", "Thank you for contacting us. Your call is important to us.", {"thanks", "template"}),
    ("en", "That is your own fault.", {"blame"}),
    ("en", "Please stop the insults.", {"boundary"}),
    ("en", "Is there anything else I can do?", {"closing"}),
    ("fa", "سلام، وقت بخیر. پریسا هستم از پشتیبانی.", {"greeting", "introduce"}),
    ("fa", "می‌فهمم چقدر کلافه شدید.", {"empathy"}),
    ("fa", "نمی‌فهمم چرا ناراحتید.", {"dismiss"}),
    ("fa", "معذرت می‌خوام که معطل شدید.", {"apology"}),
    ("fa", "می‌گید چی شد؟", {"ask_open"}),
    ("fa", "شمارهٔ سفارش رو بفرستید.", {"ask_closed"}),
    ("fa", "خودم پیگیر کارتون هستم.", {"ownership"}),
    ("fa", "صددرصد فردا می‌رسه، شک نکنید.", {"overpromise"}),
    ("fa", "نمی‌تونم تضمین کنم، چون هنوز معلوم نیست.", {"refuse", "reason"}),
    ("fa", "لطفاً توهین نکنید.", {"boundary"}),
    ("fa", "امر دیگه‌ای هست؟", {"closing"}),
    ("fa", "تقصیر خودتونه.", {"blame"}),
]


def names(text, lang, said=""):
    return {act.name for act in read(text, lang, said).acts}


@pytest.mark.parametrize("lang, text, expected", SHOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_sentence_shows_its_acts(lang, text, expected):
    assert expected <= names(text, lang)


@pytest.mark.parametrize(
    "lang, text, absent",
    [
        ("en", "I am not sorry.", "apology"),
        ("en", "I don't see why you are upset.", "empathy"),
        ("en", "I can't guarantee a time.", "overpromise"),
        ("en", "Congratulations, genius. Thank you so much.", "thanks"),
        ("fa", "نمی‌فهمم چرا ناراحتید.", "empathy"),
        ("fa", "متأسف نیستیم.", "apology"),
        ("fa", "نمی‌تونم تضمین کنم.", "overpromise"),
    ],
)
def test_what_is_denied_or_mocked_is_not_shown(lang, text, absent):
    assert absent not in names(text, lang)


def test_a_matter_said_back_takes_up_what_was_said():
    reply, matter = "So the blue kettle leaks at the handle.", "My blue kettle is leaking, near the handle."
    assert "paraphrase" in names(reply, "en", matter)
    assert "paraphrase" not in names(reply, "en", "Where is my newsletter?")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["sorry", "?", "I", "will", "no", ".", "۱۲", "سلام", "می‌", "حق", "دارید", "\n", "é", "😀"])
    ),
    st.sampled_from(["fa", "en"]),
)
def test_every_span_lies_in_the_text(words, lang):
    text = " ".join(words)
    reading = read(text, lang, text)
    assert all(0 <= act.start < act.end <= len(text) and 0 < act.confidence <= 1 for act in reading.acts)
    assert list(reading.acts) == sorted(reading.acts, key=lambda act: (act.start, act.end, act.name))


@pytest.mark.parametrize(
    "text", ["? " * 90_000, "sorry " * 40_000, "a" * 200_000, "not " * 50_000, "(" * 9_000, "\0\ud800"]
)
def test_hostile_text_is_read_in_part(text):
    for lang in ("fa", "en"):
        acts = read(text, lang, text).acts
        assert all(act.end <= 4_100 for act in acts)
        assert max(Counter(act.name for act in acts).values(), default=0) <= MOST


@pytest.mark.parametrize("lang, precision, recall", [("en", 0.90, 0.86), ("fa", 0.93, 0.91)])
def test_the_reader_is_no_worse_on_the_development_set(lang, precision, recall):
    right = wrong = missed = 0
    for path in DEV:
        for line in path.read_text("utf-8").splitlines() if f".{lang}." in path.name else ():
            reply = json.loads(line)
            found, labelled = names(reply["text"], lang, reply["said"]), set(reply["acts"])
            right += len(found & labelled)
            wrong += len(found - labelled)
            missed += len(labelled - found)
    assert right / (right + wrong) >= precision
    assert right / (right + missed) >= recall
