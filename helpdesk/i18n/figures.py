"""Numbers, days and hours as the reader writes them, without any words around them."""

from __future__ import annotations

import datetime as times
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from helpdesk.core.text import digits

from .calendars import day_names, parts
from .reader import Reader, current


def number(value: float | Decimal, places: int = 3) -> str:
    """A number with thousands marked and at most ``places`` decimals, in the reader's digits."""
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if current.get().digits == "en":
        return text
    return digits(text.translate(_PERSIAN_MARKS), "fa")


# The mark of direction keeps the minus on the left of its number in a line that runs to the left.
_PERSIAN_MARKS = str.maketrans({",": "٬", ".": "٫", "-": "\u200e\u2212"})


def percent(share: float) -> str:
    """A share of one as whole hundredths: 0.254 is "25%"."""
    return number(share * 100, places=0) + ("٪" if current.get().digits == "fa" else "%")


@cache
def _zone(name: str) -> times.tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone: a setting from another machine must not stop a page
        return times.UTC


def local(at: times.datetime) -> times.datetime:
    """The moment by the reader's clock; without a zone it is taken as UTC."""
    at = at if at.tzinfo else at.replace(tzinfo=times.UTC)
    try:
        return at.astimezone(_zone(current.get().timezone))
    except OverflowError:
        return at


def _day(at: times.date) -> times.date:
    return local(at).date() if isinstance(at, times.datetime) else at


def parts_of(day: times.date) -> tuple[int, str, int]:
    """Year, name of the month and day in the reader's calendar."""
    reader = current.get()
    return parts(day, reader.calendar, reader.language)


def date(at: times.date, year: bool = True) -> str:
    """A day as people write it, "30 Aban 1405", with its year or without."""
    number_of_year, month, day = parts_of(_day(at))
    return digits(f"{day} {month} {number_of_year}" if year else f"{day} {month}", current.get().digits)


def weekday(at: times.date) -> str:
    """The day of the week by its name."""
    return day_names(current.get().language)[_day(at).weekday()]


def time_(at: times.datetime) -> str:
    """Hour and minute by the reader's clock, "16:20"."""
    return digits(f"{local(at):%H:%M}", current.get().digits)


def clock_time(seconds: int) -> str:
    """How long something took: "5:18", or "1:02:09" from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    written = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return digits(written, current.get().digits)


def first_weekday(reader: Reader) -> int:
    """The day a week begins with, as in ``date.weekday()``: Saturday (5) by the Jalali calendar, else Monday (0)."""
    return 5 if reader.calendar == "jalali" else 0
