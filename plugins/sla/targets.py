"""From a clock to its target: by which policy and calendar, from when on, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from helpdesk.api import sla
from helpdesk.api.work import UnitOfWork

from . import store
from .course import Course, fixed, target
from .hours import Calendar
from .rules import ALWAYS, Hours, Policy, Rules

SKIPPED = 10  # holidays that are named
MINUTE = 60


def set_for(uow: UnitOfWork, ticket_id: int, at: datetime) -> None:
    """Set the targets of a ticket's clocks, as far as they are not what they should be; ``at`` is when its facts
    changed.
    """
    write(uow, sla.of_ticket(uow, ticket_id), at)


def write(uow: UnitOfWork, clocks: Iterable[sla.Clock], at: datetime) -> int:
    """Set the targets of these clocks; how many were changed."""
    rules = store.latest(uow)
    found = [wanted for clock in clocks if (wanted := _wanted(uow, rules, clock, at)) is not None]
    return sla.set_targets(uow, found) if found else 0


def _wanted(uow: UnitOfWork, rules: Rules, clock: sla.Clock, at: datetime) -> sla.Target | None:
    policy, said = rules.policy(clock), clock.reasons
    if said and "rules" not in said:
        return None  # whoever started this clock set its target, too
    goal = policy.goals.get(clock.name)
    chosen = {"rules": rules.version, "policy": policy.id, "goal": goal, "warn": policy.warn}
    same = said.items() >= chosen.items()
    if same and clock.state != "pending":
        return None
    course = Course(timedelta(seconds=clock.used), clock.spans, clock.running_since)
    hours = rules.hours.get(policy.calendar) or rules.hours[ALWAYS]
    if not same and said:
        course = _counted(uow, rules, clock, course, hours, at)
    return _target(clock, course, hours, policy, chosen)


def _counted(uow: UnitOfWork, rules: Rules, clock: sla.Clock, course: Course, hours: Hours, at: datetime) -> Course:
    """What was used before a change stays counted as it was; the change was when the next rules came, or the ticket's
    facts changed.
    """
    before = rules if clock.reasons["rules"] == rules.version else store.version(uow, clock.reasons["rules"])
    earlier = before.hours.get(clock.reasons.get("calendar", ALWAYS)) or before.hours[ALWAYS]
    if (earlier.id, earlier.stored) == (hours.id, hours.stored):
        return course
    return fixed(earlier.calendar, course, at if before is rules else store.following(uow, before.version))


def _target(clock: sla.Clock, course: Course, hours: Hours, policy: Policy, chosen: dict[str, Any]) -> sla.Target:
    goal = policy.goals.get(clock.name)
    target_at = None if goal is None else target(hours.calendar, course, timedelta(minutes=goal))
    return sla.Target(
        clock.id,
        clock.revision,
        target_at,
        _warning(hours.calendar, course, goal, policy.warn),
        None if goal is None else goal * MINUTE,
        int(course.used.total_seconds()),
        course.spans,
        course.running_since,
        chosen | {"calendar": hours.id, "skipped": _skipped(hours, clock.started_at, target_at)},
    )


def _warning(calendar: Calendar, course: Course, goal: int | None, warn: int) -> datetime | None:
    """When only ``warn`` minutes of working time are left."""
    return target(calendar, course, timedelta(minutes=goal - warn)) if goal is not None and 0 < warn < goal else None


def _skipped(hours: Hours, since: datetime, until: datetime | None) -> list[list[Any]]:
    """[day, {language: name}] of the special days on the way to a target."""
    if until is None or hours.id == ALWAYS:
        return []
    found: list[list[Any]] = []
    day = hours.calendar.local_day(since)
    while day <= hours.calendar.local_day(until) and len(found) < SKIPPED:
        special = hours.look(day)
        if special is not None and special.shifts is not None:
            found.append([day.isoformat(), special.names])
        day += timedelta(days=1)
    return found
