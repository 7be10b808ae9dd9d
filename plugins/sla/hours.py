"""Working time: which moments count, and when an amount of it has passed.

Times are aware ``datetime``s and returned in UTC; amounts are ``timedelta``s of working time. Nothing here reads a
clock or a database. Where a zone's clock goes back, a time of day that comes twice means its first occurrence; where it
goes forward, one that does not exist means the moment of the change. So neighbouring shifts neither overlap nor leave a
gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
HORIZON = 5 * 366  # days that are searched for open time
ZERO = timedelta(0)


class NeverOpen(ValueError):
    """The calendar has not enough open time in the years that are searched."""


@dataclass(frozen=True)
class Shift:
    """From ``start`` to ``end``, in minutes after midnight of the calendar's zone; ``end`` may be 1440, midnight of
    the next day.
    """

    start: int
    end: int

    def __post_init__(self):
        if not 0 <= self.start < self.end <= DAY:
            raise ValueError(f"a shift lies within its day and begins before it ends: {self.start} to {self.end}")


Shifts = tuple[Shift, ...]
Span = tuple[datetime, datetime]


def no_special_days(_day: date) -> Shifts | None:
    """The week alone decides."""
    return None


@dataclass(frozen=True)
class Calendar:
    """A zone, the shifts of each weekday (Monday first) and ``special(day)``: other shifts for one day, ``()`` closed,
    None as usual.

    Shifts of one day are in order and do not overlap.
    """

    zone: str
    week: tuple[Shifts, Shifts, Shifts, Shifts, Shifts, Shifts, Shifts]
    special: Callable[[date], Shifts | None] = field(default=no_special_days, compare=False)
    _open: dict[date, tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self):
        ZoneInfo(self.zone)
        for shifts in self.week:
            check_order(shifts)

    def shifts_on(self, day: date) -> Shifts:
        """The shifts of one day."""
        special = self.special(day)
        return self.week[day.weekday()] if special is None else special

    def open_on(self, day: date) -> tuple[Span, ...]:
        """The open spans (from, until) of one day in UTC, worked out once."""
        if day not in self._open:
            zone = ZoneInfo(self.zone)
            self._open[day] = tuple(
                (moment(day, shift.start, zone), moment(day, shift.end, zone)) for shift in self.shifts_on(day)
            )
        return self._open[day]

    def local_day(self, at: datetime) -> date:
        """The day of a moment in the calendar's zone."""
        return at.astimezone(ZoneInfo(self.zone)).date()


def check_order(shifts: Shifts) -> None:
    """ValueError unless each shift begins at or after the end of the one before."""
    if any(before.end > after.start for before, after in zip(shifts, shifts[1:], strict=False)):
        raise ValueError("shifts of one day must be in order and must not overlap")


def around_the_clock(zone: str = "UTC") -> Calendar:
    """A calendar in which every minute counts."""
    return Calendar(zone, ((Shift(0, DAY),),) * 7)


def spans(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans (from, until) after ``since`` in order, none of them empty; ends when the horizon is reached."""
    # where a zone skips a day, the day before may reach to this one
    first = calendar.local_day(since) - timedelta(days=1)
    for number in range(min(HORIZON, (date.max - first).days - 1)):
        for begin, end in calendar.open_on(first + timedelta(days=number)):
            begin = max(begin, since)
            if begin < end:
                yield begin.astimezone(UTC), end


def after(calendar: Calendar, since: datetime, amount: timedelta) -> datetime:
    """The earliest moment at which ``amount`` of working time has passed since ``since``; NeverOpen when there is none.

    An amount that fills a shift exactly ends with that shift, not with the beginning of the next one.
    """
    if amount <= ZERO:
        return since.astimezone(UTC)
    for begin, end in spans(calendar, since):
        if end - begin >= amount:
            return begin + amount
        amount -= end - begin
    raise NeverOpen(f"{calendar.zone}: no open time within {HORIZON} days")


def between(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """The working time from ``since`` to ``until``; zero when ``until`` is not later."""
    total = ZERO
    for begin, end in spans(calendar, since):
        if begin >= until:
            break
        total += min(end, until) - begin
    return total


def is_open(calendar: Calendar, at: datetime) -> bool:
    """True when this moment counts. The first moment of a shift does, its last does not."""
    return next((begin <= at for begin, _ in spans(calendar, at)), False)


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first moment from ``at`` on that counts; NeverOpen when there is none."""
    for begin, _ in spans(calendar, at):
        return begin
    raise NeverOpen(f"{calendar.zone}: no open time within {HORIZON} days")


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which the zone's clocks show this time of this day; ``minutes`` 1440 is the next day's
    midnight.
    """
    days, minutes = divmod(minutes, DAY)
    local = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    utc = local.astimezone(UTC)
    return utc if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else _change_near(local)


def _change_near(skipped: datetime) -> datetime:
    """The moment at which a zone's clocks jump over this local time (PEP 495: the two folds lie on either side of
    it).
    """
    zone = skipped.tzinfo
    before, later = skipped.replace(fold=1).astimezone(UTC), skipped.replace(fold=0).astimezone(UTC)
    offset = later.astimezone(zone).utcoffset()
    while later - before > timedelta(seconds=1):
        middle = before + (later - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            later = middle
        else:
            before = middle
    return later.replace(microsecond=0)
