"""What is alike to a reader is alike to the matcher, and every find leads back to the original text."""

import re

import pytest

from helpdesk.api.errors import Invalid
from training.matching import normalise
from training.matching.phrases import Intent, phrase

SAME = [
    ("fa", "می‌خواهم", "مي خواهم", "میخوام", "می‌خـــواهم", "می‌خوااااام"),
    ("fa", "نمی‌شود", "نمیشه", "نمي‌شه"),
    ("fa", "کتاب‌ها", "کتاب ها", "كتابها"),
    ("fa", "۱۲٬۵۰۰ تومان", "12,500 تومن", "١٢٥٠٠ تومان"),
    ("fa", "کتابتان", "کتاب‌تون", "کتاب تان"),
    ("fa", "متأسف هستم", "متاسفم", "moteasefam"),
    ("fa", "می‌کنید", "میکنین", "می کنین"),
    ("en", "I do not know", "i don’t know", "I dont know", "I  DON'T   KNOW"),
    ("en", "cannot", "can't", "can not"),
    ("en", "apologise", "apologize"),
    ("en", "really?", "really?!?", "realllly ?"),
]


@pytest.mark.parametrize("case", SAME, ids=lambda case: case[1])
def test_spellings_of_one_thing_are_one(case):
    lang, *spellings = case
    assert len({normalise(text, lang).text for text in spellings}) == 1, [normalise(t, lang).text for t in spellings]


def found(pattern, text, lang="en"):
    span = phrase(pattern).find(normalise(text, lang))
    return text[slice(*span)] if span else None


@pytest.mark.parametrize(
    "pattern, text, expected",
    [
        ("(send|replace) … (book|copy)", "I'll send you a new copy of it", "send you a new copy"),
        ("send … copy", "I'll send it. Your copy is here", None),
        ("فردا … (می‌رسد|دستتان)", "حتماً فردا صبح می رسه", "فردا صبح می رسه"),
        ("can not (really)? promise", "We can't, sadly no; I can't really promise", "can't really promise"),
        ("# (euro|%)", "I can give 20 % off", "20 %"),
        ("*port", "this is support", "support"),
        ("sorry", "Sorr­y? no", None),
        ("refund", "the refnud please", "refnud"),
        ("free", "fre", None),
        ("your fault", "is it your faults", None),
        ("درک می‌کنم", "کاملاً درک مي كنم که", "درک مي كنم"),
    ],
)
def test_phrases_find_the_very_words(pattern, text, expected):
    assert found(pattern, text, "fa" if re.search("[آ-ی]", text) else "en") == expected


def test_intents_combine_phrases():
    wrap = Intent(near=(phrase("wrap*"), phrase("free")), within=5)
    assert wrap.find(normalise("the wrapping is all free", "en")) == (4, 24)
    assert wrap.find(normalise("the wrapping costs a lot more than you think and is not at all free", "en")) is None
    offer = Intent(any=(phrase("discount"),), none=(phrase("no discount"),))
    assert offer.find(normalise("a discount", "en")) and not offer.find(normalise("no discount", "en"))
    both = Intent(all=(phrase("one"), phrase("two")))
    assert both.find(normalise("two and one", "en")) == (0, 11) and not both.find(normalise("two", "en"))


@pytest.mark.parametrize("pattern", ["(a", "a)", "…", "*", "a?", "a*b", "((((a))))", "", "x" * 200, "a " * 30, "( | )"])
def test_what_is_no_phrase_is_refused_with_a_sentence(pattern):
    with pytest.raises(Invalid) as refused:
        phrase(pattern)
    assert "phrase" in str(refused.value) or "bracket" in str(refused.value)


def test_a_regular_expression_is_no_phrase_and_hostile_texts_are_cut():
    """A trainer's ``^(a+)+$`` is words and brackets; RE2 takes linear time for what remains of it."""
    phrase("^(a+)+$").find(normalise("a" * 4000, "en"))
    for text in ("a" * 40_000, "a " * 20_000, "\u064b" * 40_000, "می " * 10_000, "1," * 20_000, "''" * 20_000):
        normal = normalise(text, "fa")
        assert len(normal.places) == len(normal.words) <= 4000
        phrase("(a|b*) … a … a … a").find(normal)


def test_every_word_knows_where_it_stood():
    text = "سلاااام! کتاب ها رو نمی خوام، I don't — £20.50."
    normal = normalise(text, "fa")
    assert [text[a:b] for a, b in normal.places][:5] == ["سلاااام", "!", "کتاب ها", "رو", "نمی خوام"]
    start = normal.text.index(" do not ")
    assert text[slice(*normal.original(start, start + len(" do not")))] == "don't"
