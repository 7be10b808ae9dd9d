"""The passage of a text that a query found, and what is marked in it."""

import time

import pytest

from helpdesk.core.tickets.snippets import finder, snippet

LONG = "Dear desk, " + "nothing of interest here. " * 20


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("ميخواهم", "پولم را می‌خواهم", ["می‌خواهم"]),
        ("می‌خواهم", "پولم را ميخواهم", ["ميخواهم"]),
        ("كتاب", "کتاب و کتابخانه", ["کتاب", "کتاب"]),
        ("کتاب ها", "کتاب‌های من", ["کتاب‌ها"]),
        ("سفارش 4521", "سفارش ۴۵۲۱ و سفارش ٤٥٢١", ["سفارش", "۴۵۲۱", "سفارش", "٤٥٢١"]),
        ("سلام", "سَلامٌ علیکم", ["سَلام"]),
        ("kh-20814", "RawMessage KH-20814, not KH-20815", ["KH", "20814", "KH"]),
        ("tea pot", "Tea for the teapot, a pot for tea", ["Tea", "pot", "tea"]),
        ("order", "border, orders", ["order"]),
        ("red order", "redder orders, red", ["order", "red"]),
        ("a.*(b", "a.*(b", ["a", "b"]),
        ("<b>", "<b>bold</b>", ["b", "b", "b"]),
    ],
)
def test_what_is_marked(query, text, marked):
    assert [place[0] for place in finder(query).finditer(text)] == marked


@pytest.mark.parametrize("query", ["", "  ", "…", "\u200c", "-- !"])
def test_without_a_word_nothing_is_marked(query):
    assert finder(query) is None
    assert snippet(LONG, query, 60).startswith("Dear desk")


def test_a_passage_is_where_the_words_are():
    text = LONG + "The samovar leaks.\n\nWhat now? " + LONG
    passage = snippet(text, "samovar", 100)
    assert (
        passage.startswith("…")
        and passage.endswith("…")
        and "The samovar leaks. What now?" in passage
        and len(passage) <= 100
    )
    assert snippet("The samovar leaks.", "samovar", 100) == "The samovar leaks."
    assert snippet(text, "teapot", 60).startswith("Dear desk, nothing")
    assert len(snippet("x" * 500 + " samovar " + "y" * 500, "samovar", 100)) <= 100


def test_a_hostile_text_takes_no_longer():
    text = "می\u200c" * 50_000 + "م\u064b" * 50_000
    began = time.thread_time()
    assert not list(finder("م" * 60 + "ن").finditer(text))
    assert time.thread_time() - began < 5
