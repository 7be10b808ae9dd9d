"""Until when a ticket may be snoozed: the moments a menu offers and those somebody types, by the reader's clock,
calendar and digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import Invalid, _
from helpdesk.core.text import digits
from helpdesk.i18n import current, date, first_weekday, gettext, local, parse_date, time_, typed_date, weekday

from .moment_words import understood

MORNING = time(8)
SOON = timedelta(hours=3)
_TIME = re.compile(r"\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*")


@dataclass
class Choice:
    """A line of the menu: what is sent, what it says and says beside it, and the moment it means right now."""

    name: str
    text: str
    sub: str
    at: datetime


def choices(now: datetime | None = None) -> list[Choice]:
    """What a menu offers; the moment is reckoned anew when it is chosen."""
    here = local(now or utcnow())
    days = (first_weekday(current.get()) - here.weekday() - 1) % 7 + 1
    tomorrow, week = _morning(here, 1), _morning(here, days)
    return [
        Choice("soon", gettext("In three hours"), "", here + SOON),
        Choice("tomorrow", gettext("Tomorrow morning"), time_(tomorrow), tomorrow),
        Choice("week", gettext("Next week"), f"{weekday(week)} {date(week, year=False)}", week),
    ]


def chosen(name: str, day: str = "", clock: str = "") -> datetime | None:
    """The moment of a choice by its name, of "moment" with a day and a time, or of words (``understood``); None for
    "" (not snoozed).
    """
    if not name:
        return None
    if name == "moment":
        return typed(day, clock)
    found = {choice.name: choice.at for choice in choices()}
    if name not in found:
        return _meant(name)
    return found[name]


def _meant(words: str) -> datetime:
    at = understood(words, utcnow(), MORNING)
    if at is None:
        raise Invalid(_("Write the day like %(example)s."), example=example())
    return at


def meant(words: str) -> list[Choice]:
    """What somebody's words mean, as the one line a menu offers; nothing for what is no moment to come."""
    at = understood(words, utcnow(), MORNING)
    return [Choice(words, f"{weekday(at)} {date(at)}", time_(at), at)] if at and at > utcnow() else []


def typed(day: str, clock: str) -> datetime:
    """A day and a time as somebody wrote them; the time may be left out."""
    on, at = parse_date(day), _TIME.fullmatch(digits(clock or f"{MORNING:%H:%M}", "en"))
    if on is None:
        raise Invalid(
            _("Write the day like %(example)s."),
            {"date": _("There is no such day in the calendar.")},
            example=example(),
        )
    if at is None:
        raise Invalid(_("Write the time like 14:30."), {"time": _("This is not a time of day.")})
    return local(utcnow()).replace(
        year=on.year, month=on.month, day=on.day, hour=int(at[1]), minute=int(at[2]), second=0, microsecond=0
    )


def example(now: datetime | None = None) -> str:
    """The day in a week, as the reader would type it."""
    reader = current.get()
    return digits(typed_date(_morning(local(now or utcnow()), 7).date(), reader.calendar), reader.digits)


def _morning(here: datetime, days: int) -> datetime:
    return datetime.combine(here.date() + timedelta(days=days), MORNING, here.tzinfo)
