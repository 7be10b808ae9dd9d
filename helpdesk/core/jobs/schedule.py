"""When a scheduled job is due next: every so often, or by a cron expression in a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim


@dataclass(frozen=True)
class Every:
    """Once in each interval, counted from the epoch, so that every process agrees on the moments."""

    interval: timedelta

    def after(self, at: datetime) -> datetime:
        """The first moment later than ``at``."""
        epoch = datetime.fromtimestamp(0, UTC)
        return epoch + ((at - epoch) // self.interval + 1) * self.interval

    def __str__(self) -> str:
        return f"every {self.interval.total_seconds():g} s"


@dataclass(frozen=True)
class Cron:
    """By a five-field cron expression (minute, hour, day, month, weekday) in the time of a zone.

    A moment that a clock change skips is run right after it; one that comes twice is run once (Debian cron, as cronsim
    does).
    """

    expression: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        self.after(datetime(2000, 1, 1, tzinfo=UTC))  # a wrong expression or zone stops the registration

    def after(self, at: datetime) -> datetime:
        """The first moment later than ``at``, in UTC."""
        return next(CronSim(self.expression, at.astimezone(ZoneInfo(self.zone)))).astimezone(UTC)

    def __str__(self) -> str:
        return f"cron {self.expression} ({self.zone})"


Schedule = Every | Cron


def following(schedule: Schedule, slot: datetime, now: datetime, catch_up: str) -> datetime:
    """The moment after ``slot`` that is to be run. "all" runs each missed one, "once" and "skip" go on in the
    future.
    """
    return schedule.after(slot if catch_up == "all" else max(slot, now))


def is_missed(schedule: Schedule, slot: datetime, now: datetime, catch_up: str) -> bool:
    """True when this moment is not run any more: the next one has passed too, and the kind asks to skip such."""
    return catch_up == "skip" and schedule.after(slot) <= now
