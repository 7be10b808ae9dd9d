"""The two calendars: a day's parts with the month's name, the length of a Jalali month, and a day as somebody typed
it.
"""

import re
from datetime import date
from functools import cache

from babel.dates import get_day_names, get_month_names
from persiantools.jdatetime import MONTH_NAMES_EN, MONTH_NAMES_FA, JalaliDate

from helpdesk.core.text import digits

YEARS_WITH_JALALI = range(622, 9999)  # of the common era; other days are shown in the Gregorian calendar


@cache
def _month_names(calendar: str, language: str) -> dict[int, str]:
    if calendar == "jalali":
        return dict(enumerate(MONTH_NAMES_FA if language == "fa" else MONTH_NAMES_EN))
    return dict(get_month_names("wide", "format", language))


def parts(day: date, calendar: str, language: str) -> tuple[int, str, int]:
    """Year, name of the month and day of the month."""
    if calendar != "jalali" or day.year not in YEARS_WITH_JALALI:
        return day.year, _month_names("gregorian", language)[day.month], day.day
    jalali = JalaliDate(day)
    return jalali.year, _month_names("jalali", language)[jalali.month], jalali.day


@cache
def day_names(language: str) -> dict[int, str]:
    """The days of a week, Monday first as in ``date.weekday()``."""
    return dict(get_day_names("wide", "format", language))


def jalali_month_days(year: int, month: int) -> int:
    """The number of days of a Jalali month, leap Esfand included."""
    return JalaliDate.days_in_month(month, year)


_DATE = re.compile(r"\s*(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})\s*")


def parse_date(text: str) -> date | None:
    """The day somebody typed as year/month/day, with any digits; years before 1700 are Jalali. None when there is no
    such day.
    """
    found = _DATE.fullmatch(digits(text, "en"))
    if not found:
        return None
    year, month, day = map(int, found.groups())
    try:
        return JalaliDate(year, month, day).to_gregorian() if year < 1700 else date(year, month, day)
    except ValueError:
        return None


def typed_date(day: date, calendar: str) -> str:
    """A day as ``parse_date`` reads it, year/month/day in this calendar."""
    parted = JalaliDate(day) if calendar == "jalali" and day.year in YEARS_WITH_JALALI else day
    return f"{parted.year}/{parted.month:02}/{parted.day:02}"
