"""Days that differ from the week: official holidays, iCal files, and days that recur in either calendar.

A source answers ``on(day)`` with a ``SpecialDay`` or None. The first source that answers decides, so corrections come
first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Protocol

import holidays
from dateutil.rrule import rrulestr
from icalendar import Calendar as ICalendar
from icalendar import Component
from persiantools.jdatetime import JalaliDate

from .hours import Shifts

LARGEST_FILE = 1_000_000  # bytes of an iCal file
MOST_EVENTS = 5_000
PATIENCE = 5.0  # seconds for the recurrences of one file
SELDOM = ("MONTHLY", "YEARLY")
# A rule for a day that never comes is searched to the year 9999, so those are left out by which that takes seconds.
SIMPLE = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}
MOST_DAYS = 20_000  # of one file, all recurrences together
LAST_YEAR = 2100  # recurrences are followed to its end


class BadFile(ValueError):
    """An iCal file that cannot be used; ``str()`` says why."""


@dataclass(frozen=True)
class SpecialDay:
    """The shifts of a day (``()`` is closed, None is an ordinary day after all) and its name in each language that
    has one.
    """

    shifts: Shifts | None
    names: dict[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """The name in this language, else in any."""
        return self.names.get(language) or next(iter(self.names.values()), "")


class Source(Protocol):
    """Anything that knows special days."""

    def on(self, day: date) -> SpecialDay | None:
        """What is special about this day."""


@dataclass(frozen=True)
class OnDate:
    """One day, once."""

    day: date
    special: SpecialDay

    def on(self, day: date) -> SpecialDay | None:
        """See Source."""
        return self.special if day == self.day else None


@dataclass(frozen=True)
class Yearly:
    """The same day and month of each Gregorian year; 29 February exists in leap years only."""

    month: int
    day: int
    special: SpecialDay

    def on(self, day: date) -> SpecialDay | None:
        """See Source."""
        return self.special if (day.month, day.day) == (self.month, self.day) else None


@dataclass(frozen=True)
class JalaliYearly:
    """The same day and month of each Jalali year; 30 Esfand exists in leap years only."""

    month: int
    day: int
    special: SpecialDay

    def on(self, day: date) -> SpecialDay | None:
        """See Source."""
        jalali = JalaliDate(day)
        return self.special if (jalali.month, jalali.day) == (self.month, self.day) else None


@dataclass(frozen=True)
class Country:
    """A country's official holidays by the ``holidays`` library; ``region`` as its subdivisions are named there."""

    code: str
    region: str | None = None

    def on(self, day: date) -> SpecialDay | None:
        """See Source."""
        names = {
            language: book[day] for language, book in _books(self.code, self.region, day.year).items() if day in book
        }
        return SpecialDay((), names) if names else None


@cache
def _books(code: str, region: str | None, year: int) -> dict[str, dict[date, str]]:
    """{language: {day: name}} of one year, in the languages this desk speaks where the library has them."""
    spoken = holidays.country_holidays(code, subdiv=region, years=year)
    supported = {name.partition("_")[0]: name for name in reversed(spoken.supported_languages)}
    wanted = {language: supported.get(language) for language in ("en", "fa") if language in supported} or {"en": None}
    return {
        language: dict(holidays.country_holidays(code, subdiv=region, years=year, language=name))
        for language, name in wanted.items()
    }


@dataclass(frozen=True)
class CalendarFile:
    """The days of an iCal file (RFC 5545): each event closes its days; a cancelled one makes them ordinary again."""

    days: dict[date, SpecialDay]

    def on(self, day: date) -> SpecialDay | None:
        """See Source."""
        return self.days.get(day)


def read_ical(content: bytes) -> CalendarFile:
    """The days of an iCal file; BadFile when it is too large or is none. Recurrences are followed to the end of
    2100.
    """
    if len(content) > LARGEST_FILE:
        raise BadFile(f"larger than {LARGEST_FILE} bytes")
    try:
        events = list(islice(ICalendar.from_ical(content).walk("VEVENT"), MOST_EVENTS + 1))
        pairs = ((day, _special(event)) for event in _in_time(events) for day in _days(event))
        found = list(islice(pairs, MOST_DAYS + 1)) if len(events) <= MOST_EVENTS else []
    except BadFile:
        raise
    except Exception as error:  # the library raises many kinds of its own and Python's
        raise BadFile("not an iCal file") from error
    if len(events) > MOST_EVENTS or len(found) > MOST_DAYS:
        raise BadFile(f"more than {MOST_EVENTS} events or {MOST_DAYS} days")
    return CalendarFile(dict(sorted(found, key=lambda pair: pair[1].shifts is not None)))


def _in_time(events: Sequence[Component]) -> Iterator[Component]:
    """The events one after another while there is time; others are served between two of them."""
    end = time.monotonic() + PATIENCE
    for event in events:
        time.sleep(0)
        if time.monotonic() > end:
            raise BadFile(f"more than {PATIENCE:.0f} seconds of recurrences")
        yield event


def _special(event: Component) -> SpecialDay:
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    return SpecialDay(None if cancelled else (), {"": str(event.get("SUMMARY", ""))[:200]})


def _days(event: Component) -> Iterator[date]:
    """Each day an event lies on, in its own zone; its end does not belong to it (RFC 5545 §3.6.1)."""
    begin = event.decoded("DTSTART")
    end = (
        event.decoded("DTEND")
        if "DTEND" in event
        else begin + event.decoded("DURATION")
        if "DURATION" in event
        else begin
    )
    length = min(
        max(_day(end) - _day(begin) + timedelta(days=_partly(begin, end)), timedelta(days=1)), timedelta(days=366)
    )
    for first in _starts(event, _day(begin)):
        yield from (first + timedelta(days=number) for number in range(length.days))


def _partly(begin: date, end: date) -> bool:
    """True when the last day is touched by more than its midnight."""
    return isinstance(end, datetime) and (end.hour, end.minute, end.second) != (0, 0, 0)


def _starts(event: Component, first: date) -> Iterator[date]:
    left_out = {_day(moment.dt) for part in _as_list(event.get("EXDATE")) for moment in part.dts}
    added = (_day(moment.dt) for part in _as_list(event.get("RDATE")) for moment in part.dts)
    starts = [first, *added]
    for rule in _as_list(event.get("RRULE")):
        if not {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}.issuperset(rule["FREQ"]):
            raise BadFile("an event that recurs more often than daily")
        if not rule.keys() <= SIMPLE | ({"BYMONTH", "BYMONTHDAY", "BYSETPOS"} if rule["FREQ"][0] in SELDOM else set()):
            raise BadFile("an event whose recurrence is not understood")
        text = "".join(f";{name}={value}" for name, value in _rule_parts(rule) if name != "UNTIL")
        until = _until(rule)
        occurrences = rrulestr(text.removeprefix(";"), dtstart=datetime(first.year, first.month, first.day))
        days = (moment.date() for moment in islice(occurrences, MOST_DAYS))
        for day in days:
            if day > until:
                break
            starts.append(day)
    yield from (day for day in dict.fromkeys(starts) if day not in left_out)


def _rule_parts(rule) -> list[tuple[str, str]]:
    return [part.split("=", 1) for part in rule.to_ical().decode().split(";")]


def _until(rule) -> date:
    given = rule.get("UNTIL")
    return min([_day(moment) for moment in given or ()] + [date(LAST_YEAR, 12, 31)])


def _as_list(value) -> Sequence:
    return value if isinstance(value, list) else [value] if value is not None else []


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def first_of(sources: Sequence[Source]) -> Callable[[date], SpecialDay | None]:
    """The special day of the first source that knows one; each day is asked for once."""

    @cache
    def look(day: date) -> SpecialDay | None:
        return next((special for source in sources if (special := source.on(day)) is not None), None)

    return look


def shifts_by(look: Callable[[date], SpecialDay | None]) -> Callable[[date], Shifts | None]:
    """What ``hours.Calendar`` asks for."""

    def special(day: date) -> Shifts | None:
        found = look(day)
        return found.shifts if found else None

    return special
