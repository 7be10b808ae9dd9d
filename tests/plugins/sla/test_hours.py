"""Working time, checked by hand where clocks change and by properties everywhere else."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.testing.sizes import size
from plugins.sla.hours import (
    Calendar,
    NeverOpen,
    Shift,
    after,
    around_the_clock,
    between,
    is_open,
    moment,
    next_open,
    spans,
)

OFFICE = (Shift(9 * 60, 13 * 60), Shift(14 * 60, 18 * 60))
ZONES = (
    "UTC",
    "Asia/Tehran",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
)
IRAN = Calendar("Asia/Tehran", (OFFICE, OFFICE, OFFICE, (Shift(9 * 60, 13 * 60),), (), OFFICE, OFFICE))


def at(text: str, zone: str = "Asia/Tehran") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("since", "amount", "due"),
    [
        ("2026-11-28 10:00", 2, "2026-11-28 12:00"),
        ("2026-11-28 12:30", 2, "2026-11-28 15:30"),  # over lunch
        ("2026-11-28 10:00", 3, "2026-11-28 13:00"),  # a full shift ends with it
        ("2026-11-28 13:20", 1, "2026-11-28 15:00"),  # asked during lunch
        ("2026-11-25 17:00", 3, "2026-11-26 11:00"),  # Wednesday evening into Thursday, a half day
        ("2026-11-26 12:00", 2, "2026-11-28 10:00"),  # over Friday
        ("2026-11-27 12:00", 8, "2026-11-28 18:00"),  # asked on Friday
        ("2026-11-28 23:59", 0, "2026-11-28 23:59"),
    ],
)
def test_an_iranian_week(since, amount, due):
    assert after(IRAN, at(since), hours(amount)) == at(due)


def test_a_special_day_has_its_own_shifts():
    special = {date(2026, 11, 29): (), date(2026, 11, 30): (Shift(10 * 60, 11 * 60),)}
    calendar = Calendar("Asia/Tehran", IRAN.week, special.get)
    assert after(calendar, at("2026-11-28 17:00"), hours(3)) == at("2026-12-01 10:00")
    assert between(calendar, at("2026-11-29 00:00"), at("2026-12-01 00:00")) == hours(1)


@pytest.mark.parametrize(
    ("shift", "day", "open_hours"),
    [
        ((0, 24), date(2026, 3, 29), 23),  # the night clocks go forward in Berlin
        ((0, 24), date(2026, 10, 25), 25),  # and back
        ((1, 2.5), date(2026, 3, 29), 1),  # ends in the hour that does not exist
        ((2.5, 4), date(2026, 3, 29), 1),  # begins in it
        ((2, 3), date(2026, 3, 29), 0),  # is it
        ((1, 2.5), date(2026, 10, 25), 1.5),  # ends the first time it is half past two
        ((2.5, 4), date(2026, 10, 25), 2.5),  # and begins then
    ],
)
def test_the_nights_when_clocks_change(shift, day, open_hours):
    week = ((Shift(int(shift[0] * 60), int(shift[1] * 60)),),) * 7
    start = moment(day, 0, ZoneInfo("Europe/Berlin"))
    assert between(Calendar("Europe/Berlin", week), start, moment(day, 1440, ZoneInfo("Europe/Berlin"))) == hours(
        open_hours
    )


def test_a_day_that_a_zone_left_out():
    """Samoa had no 30 December 2011."""
    apia = around_the_clock("Pacific/Apia")
    assert between(apia, at("2011-12-29 12:00", "Pacific/Apia"), at("2011-12-31 12:00", "Pacific/Apia")) == hours(24)


def test_a_calendar_that_never_opens_says_so():
    with pytest.raises(NeverOpen):
        after(Calendar("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC), hours(1))
    assert between(
        Calendar("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    ) == hours(0)
    with pytest.raises(NeverOpen):
        next_open(Calendar("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("edges", [(5, 5), (9, 3), (-1, 3), (0, 1441)])
def test_what_is_no_shift(edges):
    with pytest.raises(ValueError, match="shift"):
        Shift(*edges)


def test_shifts_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        Calendar("UTC", ((Shift(0, 60), Shift(30, 90)), *((),) * 6))


# Properties


def shifts_of(edges: list[int]) -> tuple[Shift, ...]:
    edges = sorted(set(edges))
    return tuple(Shift(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


DAYS = st.lists(st.integers(0, 1440), max_size=6).map(shifts_of)
MOMENTS = st.datetimes(datetime(2009, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC)) | st.sampled_from(
    [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
        datetime(2011, 12, 30, 9, 59, tzinfo=UTC),
        datetime(2022, 3, 21, 20, 30, tzinfo=UTC),
        datetime(2027, 3, 20, 20, 29, tzinfo=UTC),
    ]
)
AMOUNTS = st.integers(0, 60 * 24 * 10).map(lambda minutes: timedelta(minutes=minutes))


def open_enough(week: list[tuple[Shift, ...]]) -> bool:
    """Four hours a week at least, so that every amount ends within the horizon."""
    return sum(shift.end - shift.start for shifts in week for shift in shifts) >= 4 * 60


@st.composite
def calendars(draw):
    week = draw(st.lists(DAYS, min_size=7, max_size=7).filter(open_enough))
    closed = draw(st.sets(st.integers(0, 6), max_size=3))
    return Calendar(
        draw(st.sampled_from(ZONES)), tuple(week), lambda day: () if day.toordinal() % 11 in closed else None
    )


def check(function):
    return settings(max_examples=size(60, 3000), deadline=None)(function)


@check
@given(calendars(), MOMENTS, AMOUNTS)
def test_what_has_passed_is_what_was_asked_for(calendar, since, amount):
    due = after(calendar, since, amount)
    assert between(calendar, since, due) == amount
    assert due >= since + amount, "working time is never longer than time"


@check
@given(calendars(), MOMENTS, AMOUNTS, AMOUNTS)
def test_amounts_add_up(calendar, since, first, second):
    assert after(calendar, after(calendar, since, first), second) == after(calendar, since, first + second)


@check
@given(calendars(), MOMENTS, AMOUNTS, AMOUNTS)
def test_time_between_adds_up(calendar, since, first, second):
    middle, end = since + first, since + first + second
    assert between(calendar, since, middle) + between(calendar, middle, end) == between(calendar, since, end)


@check
@given(calendars(), MOMENTS)
def test_the_earliest_moment_is_meant(calendar, since):
    due = after(calendar, since, timedelta(minutes=1))
    assert between(calendar, since, due - timedelta(seconds=1)) < timedelta(minutes=1)


@check
@given(calendars(), MOMENTS)
def test_spans_are_in_order_and_apart(calendar, since):
    found = [span for span, _ in zip(spans(calendar, since), range(50), strict=False)]
    assert all(begin < end for begin, end in found) and all(
        a[1] <= b[0] for a, b in zip(found, found[1:], strict=False)
    )
    assert all(begin >= since for begin, _ in found)


@check
@given(calendars(), MOMENTS)
def test_open_means_that_time_passes(calendar, since):
    soon = between(calendar, since, since + timedelta(seconds=1))
    assert is_open(calendar, since) == (soon > timedelta(0)) or next_open(calendar, since) < since + timedelta(
        seconds=1
    )


@check
@given(st.sampled_from(ZONES), MOMENTS, AMOUNTS)
def test_around_the_clock_is_plain_time(zone, since, amount):
    assert after(around_the_clock(zone), since, amount) == since + amount
