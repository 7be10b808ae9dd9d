"""What is left until a target, in words and as a state; ``language.js`` and ``clock.js`` say the same."""

from __future__ import annotations

from datetime import UTC, datetime

from helpdesk.core.text import digits

from . import current, datetime_, gettext, local, ngettext, time_

HOUR, DAY = 3600, 86400
SOON = 15 * 60  # seconds


def standing(seconds: float) -> str:
    """late, soon or calm."""
    return "late" if seconds < 0 else "soon" if seconds < SOON else "calm"


def time_left(seconds: float) -> str:
    """Minutes and seconds under an hour, whole units above it, always rounded down; once late, how late, in minutes
    until two hours.
    """
    if seconds < 0:
        return _late(-seconds)
    if seconds >= DAY:
        return gettext("%(num)s d", num=int(seconds // DAY))
    if seconds >= HOUR:
        return gettext("%(num)s h", num=int(seconds // HOUR))
    return digits(f"{int(seconds // 60):02}:{int(seconds % 60):02}", current.get().digits)


def lasting(seconds: float) -> str:
    """About how long something takes: in minutes, from an hour and a half on in hours."""
    if seconds < 45:
        return gettext("less than a minute")
    if seconds < 1.5 * HOUR:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    hours = round(seconds / HOUR)
    return ngettext("%(num)s hour", "%(num)s hours", hours)


def _late(seconds: float) -> str:
    if seconds >= DAY:
        return gettext("%(num)s d late", num=int(seconds // DAY))
    if seconds >= 2 * HOUR:
        return gettext("%(num)s h late", num=int(seconds // HOUR))
    return gettext("%(num)s min late", num=int(seconds // 60)) if seconds >= 60 else gettext("late")


def day_and_time(at: datetime, now: datetime | None = None) -> str:
    """A moment to come as one says it: "tomorrow 16:00", with the date from the day after on."""
    days = (local(at).date() - local(now or datetime.now(UTC)).date()).days
    if days not in (0, 1):
        return datetime_(at)
    return (gettext("tomorrow %(time)s") if days else gettext("today %(time)s")) % {"time": time_(at)}
