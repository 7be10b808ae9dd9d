"""Slots that customers book: opening hours as a setting (``read_hours``), cut into equal parts, without the holidays of
a country. ``settings`` are {hours, zone, holidays, slot_minutes, days_ahead}; the macro of ``kit/slots.html`` lets
people choose one of ``days``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk import i18n
from helpdesk.i18n import time_, weekday

HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAD = timedelta(minutes=15)  # before a slot begins it can be booked no more
FAR = 400  # days looked at for the next opening


@dataclass(frozen=True)
class Slot:
    """A part of a day that can be booked."""

    at: datetime
    until: datetime


def read_hours(text: str) -> dict[int, list[tuple[int, int]]]:
    """{weekday from Monday 0: [(minute, minute)]} of "sat-wed 9:00-17:00, thu 9:00-13:00"; ValueError for another
    form.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for part in text.lower().split(","):
        days, _space, span = part.strip().partition(" ")
        first, _dash, last = days.partition("-")
        times = HOURS.fullmatch(span.strip())
        if first not in DAYS or (last or first) not in DAYS or not times:
            raise ValueError(part)
        begin, end = int(times[1]) * 60 + int(times[2]), int(times[3]) * 60 + int(times[4])
        if not begin < end <= 24 * 60:
            raise ValueError(part)
        day, until = DAYS.index(first), DAYS.index(last or first)
        for number in range((until - day) % 7 + 1):
            found.setdefault((day + number) % 7, []).append((begin, end))
    return found


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


def days(settings: Mapping[str, Any], now: datetime, taken: Mapping[datetime, int], most: int) -> list[dict[str, Any]]:
    """The days that can be booked, by the reader's clock and calendar, each with its slots and what is free of them.

    ``taken`` says how many places of a slot are taken, ``most`` how many each has.
    """
    free = [(slot, most - taken.get(slot.at, 0)) for slot in bookable(settings, now)]
    found = []
    for day, of_day in groupby(free, key=lambda pair: i18n.date(pair[0].at)):
        pairs = list(of_day)
        first = pairs[0][0].at
        said: dict[str, Any] = {"weekday": weekday(first), "day": i18n.date(first, year=False), "date": day}
        said["slots"] = [{"at": slot.at.isoformat(), "time": time_(slot.at), "free": left} for slot, left in pairs]
        found.append(said | {"free": sum(left > 0 for _slot, left in pairs)})
    return found


__all__ = ["Slot", "at", "bookable", "days", "opening", "read_hours", "spans"]
