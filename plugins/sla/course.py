"""The course of a clock over working time: how much was used, and when a goal is reached. Pure, and exact to the
second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .hours import ZERO, Calendar, NeverOpen, Span, after, between


@dataclass(frozen=True)
class Course:
    """When a clock ran: ``used`` was used up before ``spans``, and it runs since ``running_since`` unless that is
    None.
    """

    used: timedelta = ZERO
    spans: tuple[Span, ...] = ()
    running_since: datetime | None = None


def used(calendar: Calendar, course: Course, now: datetime) -> timedelta:
    """The working time used until now."""
    running = () if course.running_since is None else ((course.running_since, now),)
    return course.used + sum((between(calendar, *span) for span in (*course.spans, *running)), ZERO)


def fixed(calendar: Calendar, course: Course, at: datetime) -> Course:
    """The same course with all that lies before ``at`` counted by this calendar for good, because another one counts
    from then on.
    """
    before = [(begin, min(end, at)) for begin, end in course.spans if begin < at]
    rest = tuple((max(begin, at), end) for begin, end in course.spans if end > at)
    since = course.running_since
    if since is not None and since < at:
        before.append((since, at))
        since = at
    return Course(course.used + sum((between(calendar, *span) for span in before), ZERO), rest, since)


def target(calendar: Calendar, course: Course, goal: timedelta) -> datetime | None:
    """When ``goal`` of working time will be used if the clock runs on; None while it is paused or where no hours are
    left.

    A goal that was used up before the clock went on is a target of that moment.
    """
    if course.running_since is None:
        return None
    left = goal - used(calendar, replace(course, running_since=None), course.running_since)
    try:
        return after(calendar, course.running_since, left)
    except NeverOpen:
        return None
