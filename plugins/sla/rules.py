"""Calendars and policies as they are stored: plain JSON, read into what the arithmetic works with, and which policy a
clock goes by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .days import CalendarFile, Country, JalaliYearly, OnDate, Source, SpecialDay, Yearly, first_of, shifts_by
from .hours import Calendar, Shift, Shifts, around_the_clock

ALWAYS = 0  # the calendar in which every minute counts
OF_QUEUE = 0  # the policy of a queue's own minutes, the last in order
ANSWERS = ("first_answer", "next_answer")
MATCHED = ("queues", "priorities", "channels", "tags", "customers")


@dataclass(frozen=True)
class Hours:
    """A calendar by its id and name, what it counts, and what it knows of a day."""

    id: int
    name: str
    calendar: Calendar
    look: Any
    stored: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Goals and the warning before their end, in minutes, for tickets that fit: every condition that is there holds
    one of its values. ``escalation`` is what happens to a ticket whose target was missed: any of priority, queue, tag.
    """

    id: int
    name: str
    calendar: int
    goals: Mapping[str, int]
    warn: int = 0
    conditions: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    escalation: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, clock: Any) -> bool:
        """True for a clock (``api.sla.Clock``) whose ticket fulfils all conditions."""
        has = {
            "queues": {clock.queue_id},
            "priorities": {clock.priority},
            "channels": {clock.channel},
            "tags": set(clock.tags),
            "customers": {clock.customer_id},
        }
        return all(not has[name].isdisjoint(values) for name, values in self.conditions.items() if values)


@dataclass(frozen=True)
class Rules:
    """One version. ``policies`` are in their order of precedence."""

    version: int
    at: Any
    hours: Mapping[int, Hours]
    policies: Sequence[Policy]

    def policy(self, clock: Any) -> Policy:
        """The first policy that fits a clock and has a goal for it; else its queue's own minutes, round the clock, for
        answers.
        """
        found = (p for p in self.policies if clock.name in p.goals and p.fits(clock))
        return next(found, None) or of_queue(clock.queue_minutes)


def of_queue(minutes: int) -> Policy:
    """The simplest policy: the minutes that a queue has."""
    return Policy(OF_QUEUE, "", ALWAYS, dict.fromkeys(ANSWERS, minutes), warn=min(15, minutes // 4))


def built(version: int, at: Any, calendars: Sequence[Mapping], policies: Sequence[Mapping], files: Mapping) -> Rules:
    """Rules of their stored form; ``files`` are the days of iCal files by SHA-256."""
    hours = {row["id"]: hours_of(row, files) for row in calendars}
    hours[ALWAYS] = Hours(ALWAYS, "", around_the_clock(), lambda day: None)
    return Rules(version, at, hours, [policy_of(row) for row in policies])


def policy_of(row: Mapping[str, Any]) -> Policy:
    """A policy of its stored form."""
    conditions = {name: row.get(name, []) for name in MATCHED}
    escalation = row.get("escalation", {})
    return Policy(row["id"], row["name"], row["calendar"], row["goals"], row.get("warn", 0), conditions, escalation)


def hours_of(row: Mapping[str, Any], files: Mapping[str, Mapping[str, str | None]]) -> Hours:
    """A calendar of its stored form. Days of its own come first, then files, then official holidays."""
    sources: list[Source] = [_day(day) for day in row.get("days", [])]
    sources += [_file(files[sha]) for sha in row.get("files", []) if sha in files]
    for country in row.get("countries", []):
        code, _dash, region = country.partition("-")
        sources.append(Country(code, region or None))
    look = first_of(sources)
    week = tuple(shifts(day) for day in row["week"])
    return Hours(row["id"], row["name"], Calendar(row["zone"], week, shifts_by(look)), look, row)


def shifts(pairs: Sequence[Sequence[int]]) -> Shifts:
    """Shifts of [start, end] pairs in minutes after midnight."""
    return tuple(Shift(*pair) for pair in pairs)


def _day(row: Mapping[str, Any]) -> Source:
    special = SpecialDay(shifts(row["shifts"]), {"": row.get("name", "")})
    if "date" in row:
        return OnDate(date.fromisoformat(row["date"]), special)
    kind = JalaliYearly if row["by"] == "jalali" else Yearly
    return kind(row["month"], row["day"], special)


def _file(days: Mapping[str, str | None]) -> CalendarFile:
    """None is a cancelled event's day: an ordinary one."""
    special = {
        date.fromisoformat(day): SpecialDay(None if name is None else (), {"": name or ""})
        for day, name in days.items()
    }
    return CalendarFile(special)
