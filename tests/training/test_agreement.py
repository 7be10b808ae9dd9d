"""The two measures of agreement give what can be reckoned by hand."""

import pytest

from tests.training.agreement import kappa, twice, weighted_kappa


def spread(table):
    """Pairs of ratings from a table of counts, first rater down, second across."""
    return [(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]


def test_kappa_of_fifty_proposals_read_twice():
    # 35 of 50 alike, 25 alike by chance: (0.7 - 0.5) / (1 - 0.5)
    assert kappa(spread([[20, 5], [10, 15]])) == pytest.approx(0.4)


def test_weighted_kappa_counts_a_distance_of_two_four_times():
    # both have mean 1.18 and variance 0.6676, so chance has twice that as squared distance; seen are 20 + 2 * 4 in 100
    assert weighted_kappa(spread([[20, 5, 1], [5, 20, 5], [1, 5, 38]])) == pytest.approx(1 - 0.28 / 1.3352)


def test_agreement_that_cannot_fail_is_no_number():
    assert kappa([(True, True)] * 3) is None
    assert kappa([(0, 1), (1, 0)]) == -1


@pytest.mark.parametrize("language", ["fa", "en"])
def test_both_labels_are_of_one_reply(language):
    found = twice(language)
    assert all(a["id"] == b["id"] for a, b in found)
    if not found:
        pytest.skip(f"no {language} reply is labelled twice yet")
