"""Official holidays of Iran against the published calendar of 1405."""

from collections import Counter

import pytest
from persiantools.jdatetime import JalaliDate

from plugins.sla.days import Country

# As the news agency ILNA gave the calendar of the Council of Public Culture on 30 October 2025: by month, those
# spelt out by day, and how many fell on a Thursday and on a Friday. It names 25 days; the library knows one more,
# 25 Farvardin (25 Shawwal), which a second list has on the day before. It stays a holiday until a calendar of the
# desk's own says otherwise.
BY_MONTH = {1: 6, 3: 3, 4: 2, 5: 4, 6: 1, 8: 1, 10: 2, 11: 2, 12: 4}
SPELT = [(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 6), (3, 14), (3, 15), (4, 3), (4, 4)]
DOUBTED = (1, 25)


def holidays_of(year):
    """{(month, day): special day} of a Jalali year."""
    days = ((m, d) for m in range(1, 13) for d in range(1, JalaliDate.days_in_month(m, year) + 1))
    found = {day: Country("IR").on(JalaliDate(year, *day).to_gregorian()) for day in days}
    return {day: special for day, special in found.items() if special}


def test_1405_is_as_published():
    found = holidays_of(1405)
    assert set(SPELT) <= found.keys()
    assert Counter(month for month, _day in found.keys() - {DOUBTED}) == BY_MONTH
    weekdays = Counter(JalaliDate(1405, *day).to_gregorian().weekday() for day in found)
    assert (weekdays[3], weekdays[4]) == (6, 3)


@pytest.mark.parametrize(
    "day", [(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)]
)
def test_the_days_of_the_sun_are_there_in_1406(day):
    assert "estimated" not in holidays_of(1406)[day].name("en")


def test_the_days_of_the_moon_are_marked_as_estimated_in_1406():
    fixed = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}
    found = holidays_of(1406)
    assert len(found) == 27
    assert all("estimated" in special.name("en") for day, special in found.items() if day not in fixed)
