"""What a change of calendar or goal midway means for a clock, by properties over calendars, pauses and moments."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.testing.sizes import size
from plugins.sla.course import Course, fixed, target, used
from plugins.sla.hours import Calendar, Shift, around_the_clock, between

BEGIN = datetime(2026, 3, 19, tzinfo=UTC)  # Nowruz and the change of European clocks lie in the three weeks after
ZONES = ("UTC", "Asia/Tehran", "Europe/Berlin", "Australia/Lord_Howe")
minutes = st.integers(0, 21 * 24 * 60).map(lambda number: timedelta(minutes=number))


@st.composite
def calendars(draw):
    """A zone and a week that is open somewhere."""
    week = []
    for _day in range(7):
        edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=4)))
        week.append(tuple(Shift(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)))
    if not any(week):
        return around_the_clock(draw(st.sampled_from(ZONES)))
    return Calendar(draw(st.sampled_from(ZONES)), tuple(week))


@st.composite
def courses(draw):
    """A clock that ran in up to three stretches and runs on since the last moment."""
    moments = [BEGIN + at for at in sorted(draw(st.lists(minutes, min_size=1, max_size=7)))]
    pairs = list(zip(moments[:-1:2], moments[1:-1:2], strict=False))
    return Course(timedelta(minutes=draw(st.integers(0, 600))), tuple(pairs), moments[-1])


common = settings(max_examples=size(30, 2000), deadline=None)


@common
@given(calendars(), courses(), minutes)
def test_fixing_what_was_used_by_the_same_calendar_changes_nothing(calendar, course, at):
    now = BEGIN + timedelta(days=30)
    kept = fixed(calendar, course, BEGIN + at)
    assert used(calendar, kept, now) == used(calendar, course, now)
    assert all(begin >= BEGIN + at for begin, _end in kept.spans)


@common
@given(calendars(), calendars(), courses(), minutes)
def test_time_before_a_change_counts_by_the_old_calendar_and_after_it_by_the_new(old, new, course, at):
    change, now = BEGIN + at, BEGIN + timedelta(days=30)
    stretches = [*course.spans, (course.running_since, now)]
    before = sum((between(old, begin, min(end, change)) for begin, end in stretches if begin < change), timedelta())
    since = sum((between(new, max(begin, change), end) for begin, end in stretches if end > change), timedelta())
    assert used(new, fixed(old, course, change), now) == course.used + before + since


@common
@given(calendars(), calendars(), calendars(), courses(), minutes, minutes)
def test_two_changes_one_after_the_other_each_count_from_their_moment_on(first, second, third, course, one, other):
    early, late, now = *sorted((BEGIN + one, BEGIN + other)), BEGIN + timedelta(days=30)
    twice = fixed(second, fixed(first, course, early), late)
    parts = ((first, BEGIN, early), (second, early, late), (third, late, now))
    stretches = [*course.spans, (course.running_since, now)]
    counted = [between(by, max(since, s), min(until, e)) for by, since, until in parts for s, e in stretches]
    assert used(third, twice, now) == sum(counted, course.used)


@common
@given(calendars(), calendars(), courses(), minutes, st.integers(1, 4000))
def test_a_target_after_a_change_is_the_moment_the_goal_is_used(old, new, course, at, goal):
    kept = fixed(old, course, BEGIN + at)
    due = target(new, kept, timedelta(minutes=goal))
    if due is None:
        return
    reached = used(new, kept, due)
    assert reached >= timedelta(minutes=goal)
    assert reached == timedelta(minutes=goal) or due == kept.running_since


@common
@given(calendars(), courses(), st.integers(1, 4000), st.integers(0, 600))
def test_a_longer_goal_is_never_due_sooner(calendar, course, goal, more):
    sooner, later = (target(calendar, course, timedelta(minutes=length)) for length in (goal, goal + more))
    assert later is None or sooner <= later
