"""A few weeks of days to choose one of, in the reader's calendar, and the moment that was chosen."""

from __future__ import annotations

import datetime as times
from dataclasses import dataclass

from babel.dates import get_day_names

from helpdesk.core.text import digits

from .figures import date, first_weekday, local, parts_of, time_, weekday
from .reader import current

WEEK = 7
FIRST, LAST, STEP = 6 * 60, 22 * 60, 15  # minutes of the day that are offered


@dataclass(frozen=True)
class Day:
    """A day as the grid shows it. ``month`` is the name of a month that begins, in English three letters of it,
    else ""; ``title`` is read aloud.
    """

    value: str
    number: str
    month: str
    title: str
    is_past: bool


def day_grid(now: times.datetime, weeks: int = 5) -> list[list[Day]]:
    """Whole weeks of the reader's calendar, this one first."""
    today = local(now).date()
    begin = today - times.timedelta(days=(today.weekday() - first_weekday(current.get())) % WEEK)
    return [[_day(begin, today, WEEK * week + number) for number in range(WEEK)] for week in range(weeks)]


def _day(begin: times.date, today: times.date, number: int) -> Day:
    day = begin + times.timedelta(days=number)
    _year, month, of_month = parts_of(day)
    named = month if of_month == 1 or not number else ""
    named = named if current.get().language == "fa" else named[:3]
    shown = digits(str(of_month), current.get().digits)
    return Day(day.isoformat(), shown, named, f"{weekday(day)} {date(day)}", day < today)


def weekday_letters() -> list[str]:
    """The days of the week in one or two letters each, in the order of the grid."""
    reader = current.get()
    names = get_day_names("narrow" if reader.language == "fa" else "short", "stand-alone", reader.language)
    first = first_weekday(reader)
    return [str(names[(first + number) % WEEK])[:2] for number in range(WEEK)]


def day_times(now: times.datetime) -> list[tuple[str, str]]:
    """(value, text) of the times of a day that are offered."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [midnight.replace(hour=minute // 60, minute=minute % 60) for minute in range(FIRST, LAST + 1, STEP)]
    return [(f"{one:%H:%M}", time_(one)) for one in found]


def moment_of(day: str, clock: str, now: times.datetime) -> times.datetime | None:
    """The moment of a day and a time as the grid names them, by the reader's clock; None for what it does not name."""
    try:
        on, at = times.date.fromisoformat(day[:10]), times.time.fromisoformat(clock[:5])
    except ValueError:
        return None
    return times.datetime.combine(on, at, local(now).tzinfo)
