"""The pages of calendars and policies, the panel that says why, and what a customer is told."""

from datetime import UTC, datetime

import pytest

from helpdesk.i18n import LOCALES, reading
from helpdesk.i18n.time_left import day_and_time
from plugins.sla import typed, why


@pytest.fixture
def runtime(tmp_path):
    from helpdesk.testing import Letters, small_runtime
    from plugins.sla.models import Base

    runtime = small_runtime(tmp_path, Letters, plugins="sla")
    Base.metadata.create_all(runtime.engine)
    yield runtime
    runtime.engine.dispose()


def test_hours_and_spans_are_read_in_both_digits():
    assert typed.hours("9:00-13:00، ۱۴-۱۷") == [[540, 780], [840, 1020]]
    assert (typed.minutes("۴h"), typed.minutes("2d"), typed.minutes("90"), typed.minutes("")) == (240, 2880, 90, None)
    for text in ("9:00-25:00", "13-9", "9-12, 11-13", "nine"):
        with pytest.raises(Exception, match="hours such as"):
            typed.hours(text)


def test_special_days_are_read_as_they_are_shown():
    rows = typed.special_days("1405/7/2 | 9:00-12:00 | Half\njalali 1/13 | | Nature")
    assert [row.get("date") for row in rows] == ["2026-09-24", None]
    assert typed.special_days(typed.shown_days(rows)) == rows


def test_the_panel_says_why(desk):
    desk.letter()
    desk.tell()
    admin = desk.acting(desk.admin)
    shown = why.load(admin, 1)["clocks"]
    first = next(clock for clock in shown if clock["name"] == "First answer")
    assert (first["policy"], first["calendar"], first["goal"].total_seconds()) == (
        "the time of its queue",
        "round the clock",
        86400,
    )


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [("en", 29, "today 16:00"), ("en", 30, "tomorrow 16:00"), ("fa", 30, "فردا ساعت ۱۶:۰۰")],
)
def test_a_customer_is_told_by_when_in_their_words(language, day, said):
    now, at = datetime(2026, 11, 29, 6, 0, tzinfo=UTC), datetime(2026, 11, day, 12, 30, tzinfo=UTC)
    with reading(LOCALES[language]):
        assert day_and_time(at, now) == said
