"""What moments do to clocks: pure, so that every order of moments can be tried."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.sla.kinds import MOMENTS, ClockKind
from helpdesk.core.sla.states import UNDER_WAY, after

START = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)
BACK, PAUSED, DONE = frozenset({"resumed"}), frozenset({"waiting"}), frozenset({"solved"})
KINDS = {
    "first": ClockKind("first", "First", frozenset({"opened"}), PAUSED, BACK, frozenset({"answered"}), DONE),
    "next": ClockKind(
        "next", "Next", frozenset({"asked", "reopened"}), PAUSED, BACK, frozenset({"answered"}), DONE, unless="first"
    ),
    "solution": ClockKind("solution", "Solution", frozenset({"opened", "reopened"}), PAUSED, BACK, DONE),
}
STEPS = st.lists(st.tuples(st.sampled_from(MOMENTS), st.integers(0, 10_000)), max_size=25)


def passed(steps):
    """(clocks under way, ended clocks, now) after these moments, each so many seconds after the one before."""
    standing, over, now = [], [], START
    for moment, seconds in steps:
        now += timedelta(seconds=seconds)
        standing, ended = after(KINDS, standing, [moment], now)
        over += ended
    return standing, over, now


def ran(clock, now):
    """Seconds that it ran until now."""
    spans = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in clock.spans]
    spans += [(clock.running_since, now)] if clock.running_since else []
    return sum((end - begin).total_seconds() for begin, end in spans)


@given(STEPS)
def test_at_most_one_of_a_name_is_under_way(steps):
    standing, over, _now = passed(steps)
    assert len({clock.name for clock in standing}) == len(standing)
    assert all(clock.state in UNDER_WAY for clock in standing) and not any(c.state in UNDER_WAY for c in over)


@given(STEPS)
def test_a_clock_runs_exactly_when_it_is_not_paused(steps):
    standing, over, now = passed(steps)
    for clock in standing:
        assert (clock.running_since is None) == (clock.state == "paused")
    for clock in [*standing, *over]:
        assert clock.running_since is None or clock.ended_at is None
        assert 0 <= ran(clock, now) <= ((clock.ended_at or now) - clock.started_at).total_seconds()


@given(STEPS, st.integers(1, 10_000))
def test_a_pause_counts_for_nothing(steps, seconds):
    standing, _over, now = passed([("opened", 0), *steps])
    paused, _ended = after(KINDS, standing, ["waiting"], now)
    later = now + timedelta(seconds=seconds)
    resumed, _ended = after(KINDS, paused, ["resumed"], later)
    assert [ran(clock, later) for clock in resumed] == [ran(clock, now) for clock in paused]


def test_a_target_that_was_over_is_broken_also_when_nobody_noticed():
    (clock, _solution), _ended = after(KINDS, [], ["opened"], START)
    set_ = clock.__class__(**{**vars(clock), "state": "running", "target_at": START + timedelta(minutes=5)})
    _standing, (met,) = after(KINDS, [set_], ["answered"], START + timedelta(minutes=6))
    assert (met.state, met.breached_at) == ("met", set_.target_at)
    _standing, (met,) = after(KINDS, [set_], ["answered"], START + timedelta(minutes=4))
    assert met.breached_at is None
