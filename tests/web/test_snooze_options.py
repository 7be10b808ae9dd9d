"""Until when a ticket may be snoozed, as readers of both calendars choose and type it."""

from datetime import UTC, datetime

import pytest

from helpdesk.core.errors import Invalid
from helpdesk.i18n import LOCALES, parse_date, reading
from helpdesk.web.forms import snooze_options
from helpdesk.web.forms.moment_words import understood

FRIDAY = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)  # one o'clock on Saturday in Tehran


def offered(reader, now):
    with reading(LOCALES[reader]):
        return {choice.name: choice.at.strftime("%a %d %H:%M") for choice in snooze_options.choices(now)}


def test_the_menu_goes_by_the_readers_clock_and_week():
    assert offered("fa", FRIDAY) == {"soon": "Sat 21 04:00", "tomorrow": "Sun 22 08:00", "week": "Sat 28 08:00"}
    assert offered("en", FRIDAY) == {"soon": "Sat 21 04:00", "tomorrow": "Sun 22 08:00", "week": "Mon 23 08:00"}


@pytest.mark.parametrize(
    ("reader", "day", "clock", "expected"),
    [
        ("fa", "۱۴۰۵/۰۹/۰۷", "۱۴:۳۰", "2026-11-28T11:00"),
        ("fa", "1405-9-7", "", "2026-11-28T04:30"),
        ("fa", "2026/11/28", "8:00", "2026-11-28T04:30"),
        ("en", "2026-11-28", "9.05", "2026-11-28T05:35"),
        ("en", "1405/09/07", "23:59", "2026-11-28T20:29"),
    ],
)
def test_a_typed_moment_in_either_calendar_and_digits(reader, day, clock, expected):
    with reading(LOCALES[reader]):
        assert snooze_options.chosen("moment", day, clock).astimezone(UTC).isoformat().startswith(expected)


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("", ""),
        ("tomorrow", ""),
        ("1405/12/31", ""),
        ("1405/09/07", "25:00"),
        ("1405/09/07", "noon"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_what_is_no_moment_is_a_sentence(day, clock):
    with reading(LOCALES["fa"]), pytest.raises(Invalid):
        snooze_options.chosen("moment", day, clock)


def test_the_example_is_one_that_would_be_understood():
    for reader in LOCALES.values():
        with reading(reader):
            assert str(parse_date(snooze_options.example(FRIDAY))) == "2026-11-28"


@pytest.mark.parametrize(
    ("reader", "words", "expected"),
    [
        ("fa", "سه‌شنبه ۹", "Tue 24 09:00"),
        ("fa", "سه شنبه ساعت ۱۴:۳۰", "Tue 24 14:30"),
        ("fa", "فردا", "Sun 22 08:00"),
        ("fa", "پس‌فردا ۱۰", "Mon 23 10:00"),
        ("fa", "۳ روز دیگر", "Tue 24 08:00"),
        ("fa", "۲ ساعت دیگر", "Sat 21 03:00"),
        ("fa", "شنبه", "Sat 28 08:00"),
        ("fa", "۱۴۰۵/۰۹/۰۷ ۱۴:۳۰", "Sat 28 14:30"),
        ("en", "tue 9", "Tue 24 09:00"),
        ("en", "Tomorrow", "Sun 22 08:00"),
        ("en", "in 3 days", "Tue 24 08:00"),
        ("en", "2026-11-28 at 7.15", "Sat 28 07:15"),
        ("en", "0:30", "Sun 22 00:30"),
    ],
)
def test_a_moment_in_peoples_words(reader, words, expected):
    with reading(LOCALES[reader]):
        assert understood(words, FRIDAY, snooze_options.MORNING).strftime("%a %d %H:%M") == expected


@pytest.mark.parametrize("words", ["", "t", "noon", "1405/12/31", "25:00", "9" * 5000, "in 9999 days", "tue 9 9"])
def test_words_that_are_no_moment_offer_nothing(words):
    with reading(LOCALES["fa"]):
        assert understood(words, FRIDAY, snooze_options.MORNING) is None
