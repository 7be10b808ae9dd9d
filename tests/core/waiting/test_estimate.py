"""The estimate: pure, so that every line can be tried."""

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core.waiting.estimate import FURTHEST, LEAST, waits

SECONDS = st.floats(1, 7200)
SERVICES = st.lists(SECONDS, min_size=LEAST, max_size=60)
RUNNING = st.lists(st.floats(0, 10_000), max_size=8)
LEAVING = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(RUNNING, st.integers(0, 6), SERVICES, LEAVING, st.integers(1, 40))
def test_who_is_further_back_never_waits_less_and_nobody_less_than_nothing(running, free, services, leaving, places):
    found = waits(places, running, free, services, leaving)
    if not running and not free:
        assert found is None
        return
    assert len(found) == places
    for one in found:
        assert 0 <= one.low <= one.seconds <= one.high
    for before, after in zip(found, found[1:], strict=False):
        assert (before.low, before.seconds, before.high) <= (after.low, after.seconds, after.high)
        assert before.low <= after.low and before.seconds <= after.seconds and before.high <= after.high


@settings(max_examples=60, deadline=None)
@given(RUNNING, st.integers(0, 6), SERVICES, LEAVING)
def test_a_place_is_the_same_however_long_the_line_behind_it(running, free, services, leaving):
    short, long = waits(3, running, free, services, leaving), waits(30, running, free, services, leaving)
    assert short == (long and long[:3])
    assert short == waits(3, running, free, list(reversed(services)), leaving)


@settings(max_examples=60, deadline=None)
@given(RUNNING, st.integers(1, 6), SERVICES)
def test_who_finds_a_free_seat_does_not_wait_and_one_more_seat_makes_nobody_wait_longer(running, free, services):
    found, more = waits(20, running, free, services), waits(20, running, free + 1, services)
    assert [one.seconds for one in found[:free]] == [0] * free
    assert all(b.seconds <= a.seconds for a, b in zip(found, more, strict=True))


def test_little_is_known_so_little_is_said():
    assert waits(1, [10.0], 0, [60.0] * (LEAST - 1)) is None
    assert waits(1, [], 0, [60.0] * 50) is None
    assert waits(0, [10.0], 0, [60.0] * 50) == []
    assert len(waits(10_000, [10.0], 0, [60.0] * 50)) == FURTHEST


def test_services_that_always_take_the_same_are_foretold_exactly():
    found = waits(4, [20.0, 50.0], 0, [60.0] * 30)
    assert [(one.low, one.seconds, one.high) for one in found] == [(n, n, n) for n in (10, 40, 70, 100)]
    assert waits(2, [20.0], 0, [60.0] * 30, leaving=1.0)[1].seconds == 40, "who is ahead leaves"


def test_one_that_takes_longer_than_any_is_nearly_over():
    assert 0 < waits(1, [10_000.0], 0, [60.0] * 30)[0].seconds <= 60
