"""The slots of a line: its hours cut into equal parts, without the holidays of its country. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from .settings import read_hours

LEAD = timedelta(minutes=15)  # before a slot begins it can be booked no more
FAR = 400  # days looked at for the next opening


@dataclass(frozen=True)
class Slot:
    """A part of a day in which calls are promised."""

    at: datetime
    until: datetime


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:  # a country the library does not know has none
        return frozenset()


def spans(settings: Mapping[str, Any], day: date) -> Iterator[tuple[datetime, datetime]]:
    """The hours of a day as (from, until) in UTC; none on a holiday."""
    if settings["holidays"] and day in _holidays(str(settings["holidays"]).upper(), day.year):
        return
    zone = ZoneInfo(str(settings["zone"]))
    midnight = datetime.combine(day, time(), zone)
    for begin, end in read_hours(str(settings["hours"])).get(day.weekday(), []):
        yield tuple((midnight + timedelta(minutes=minute)).astimezone(UTC) for minute in (begin, end))  # type: ignore[misc]


def bookable(settings: Mapping[str, Any], now: datetime) -> list[Slot]:
    """The slots that can be booked now, whether they are full or not, in order."""
    today = now.astimezone(ZoneInfo(str(settings["zone"]))).date()
    length = timedelta(minutes=int(settings["slot_minutes"]))
    found = []
    for number in range(int(settings["days_ahead"]) + 1):
        for begin, end in spans(settings, today + timedelta(days=number)):
            count = (end - begin) // length
            found += [Slot(begin + part * length, begin + (part + 1) * length) for part in range(count)]
    return [slot for slot in found if slot.at >= now + LEAD]


def at(settings: Mapping[str, Any], moment: datetime, now: datetime) -> Slot | None:
    """The slot that begins at a moment, if it can be booked."""
    return next((slot for slot in bookable(settings, now) if slot.at == moment), None)


def opening(settings: Mapping[str, Any], now: datetime) -> datetime | None:
    """``now`` within the hours, else when they begin next; None when they never do."""
    today = now.astimezone(ZoneInfo(str(settings["zone"]))).date()
    for number in range(FAR):
        for begin, end in spans(settings, today + timedelta(days=number)):
            if now < end:
                return max(now, begin)
    return None
