"""The place of a ticket in lists of open work, in one column: targets first, then who waits without one, then
everybody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.core.database.base import NEVER

BEHIND = timedelta(days=2_000_000)  # some 5,475 years: behind every target, before ``NEVER``
FIRST = datetime.min.replace(tzinfo=NEVER.tzinfo) + BEHIND


def by_target(at: datetime) -> datetime:
    """The place of a ticket with a running target; whole milliseconds, in which browsers compare places."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def by_last_word(at: datetime) -> datetime:
    """The place of a ticket without a running target, by when the customer last wrote."""
    return by_target(at) + BEHIND


def target_of(place: datetime) -> datetime | None:
    """The target that a place stands for, None when it stands for none."""
    return place if place < FIRST else None
