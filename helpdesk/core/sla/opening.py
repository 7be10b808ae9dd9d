"""Business hours: whether a calendar is open at a moment, asked of the plugin that keeps the calendars and declared it
with ``register_business_hours``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from helpdesk.core.errors import _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.registry import Registry

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Opening:
    """``open`` says whether a moment counts, ``opens_at`` when the next one does; None when none does for years."""

    open: bool
    opens_at: datetime | None = None


@dataclass(frozen=True)
class BusinessHours:
    """Calendars of a plugin. ``name`` is the plugin's; ``calendars(uow)`` are (id, label) in order; ``opening(uow, id,
    at)`` says how one stands, ``worked(uow, id, spans)`` how much of each (from, until) it was open. Both are None for
    an id that is not known any more.
    """

    name: str
    calendars: Callable[[Any], Sequence[tuple[str, str]]]
    opening: Callable[[Any, str, datetime], Opening | None]
    worked: Callable[[Any, str, Sequence[Span]], list[timedelta] | None]


class BusinessHoursKinds(Registry[BusinessHours]):
    """Those of one runtime, by plugin."""

    FOREIGN = _("The business hours %(name)s must have the name of their plugin, %(owner)s.")
    TAKEN = _("There are two kinds of business hours named %(name)s.")

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True for the plugin's own name."""
        return name == owner


def calendars(uow: UnitOfWork) -> list[tuple[str, str]]:
    """(key, label) of every calendar there is; the key is what ``opening`` takes."""
    found: list[tuple[str, str]] = []
    for name, hours in uow.runtime.business_hours.items():
        rows = uow.runtime.hooks.guarded(name, "business hours", partial(hours.calendars, uow)) or ()
        found += [(f"{name}.{number}", label) for number, label in rows]
    return found


def opening(uow: UnitOfWork, key: str, at: datetime | None = None) -> Opening | None:
    """How a calendar stands at a moment, now unless said; None when there is no such calendar, or its plugin is off."""
    hours, number = _of(uow, key)
    if hours is None:
        return None
    asked = partial(hours.opening, uow, number, at or uow.clock())
    found: Opening | None = uow.runtime.hooks.guarded(hours.name, "business hours", asked)
    return found


def worked(uow: UnitOfWork, key: str, spans: Sequence[Span]) -> list[timedelta]:
    """How much of each span a calendar was open; all of it where there is no such calendar."""
    hours, number = _of(uow, key)
    asked = partial(hours.worked, uow, number, spans) if hours else None
    found = uow.runtime.hooks.guarded(hours.name, "business hours", asked) if hours and asked else None
    return found if found is not None else [until - since for since, until in spans]


def _of(uow: UnitOfWork, key: str) -> tuple[BusinessHours | None, str]:
    name, _dot, number = key.partition(".")
    return uow.runtime.business_hours.get(name) if number else None, number
