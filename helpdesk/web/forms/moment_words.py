"""A moment as people say it: a day (1405/9/3, tomorrow, Tuesday, in 3 days) and a time, either of them alone, in
both languages.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from helpdesk.core.text import digits
from helpdesk.i18n import local, parse_date
from helpdesk.i18n.calendars import day_names

LONGEST = 60  # characters
NEAR = {"today": 0, "tomorrow": 1, "امروز": 0, "فردا": 1, "پسفردا": 2}
_CLOCK = re.compile(r"(?:^|\s)(?:at |ساعت )?([01]?\d|2[0-3])(?:[:.]([0-5]\d))?$")
_AHEAD = re.compile(r"(?:in )?(\d{1,3}) (days?|hours?|روز|ساعت)(?: دیگر| بعد)?")


def understood(text: str, now: datetime, morning: time) -> datetime | None:
    """The moment meant, by the reader's clock, ``morning`` where only a day is named; None when it cannot be told."""
    here, words = local(now), " ".join(digits(text[:LONGEST], "en").casefold().replace("ي", "ی").split())
    if ahead := _AHEAD.fullmatch(words):
        count, unit = int(ahead[1]), ahead[2]
        return (
            here + timedelta(hours=count)
            if unit[0] == "h" or unit == "ساعت"
            else _at(here.date() + timedelta(days=count), morning, here)
        )
    clock = _CLOCK.search(words)
    at = time(int(clock[1]), int(clock[2] or 0)) if clock else morning
    named = words[: clock.start()].strip() if clock else words
    if not named:
        return _next(here, at) if clock else None
    day = _day(named, here.date())
    return _at(day, at, here) if day else None


def _day(words: str, today: date) -> date | None:
    joined = re.sub(r"[\s\u200c]", "", words)
    if joined in NEAR:
        return today + timedelta(days=NEAR[joined])
    return parse_date(words) or _weekday(joined, today)


def _weekday(joined: str, today: date) -> date | None:
    """The next day of this name; English ones may be cut to three letters."""
    for language in ("fa", "en"):
        for number, name in day_names(language).items():
            name = name.casefold().replace("\u200c", "")
            if joined == name or (language == "en" and len(joined) >= 3 and name.startswith(joined)):
                return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return None


def _next(here: datetime, at: time) -> datetime:
    """This time today, or tomorrow when it is past."""
    today = _at(here.date(), at, here)
    return today if today > here else _at(here.date() + timedelta(days=1), at, here)


def _at(day: date, at: time, here: datetime) -> datetime:
    return datetime.combine(day, at, here.tzinfo)
