"""The calendars as business hours that accounts and pages of other plugins may follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.api.sla import Opening
from helpdesk.api.work import UnitOfWork

from . import store
from .hours import Calendar, NeverOpen, between, is_open, next_open
from .rules import ALWAYS


def calendars(uow: UnitOfWork) -> list[tuple[str, str]]:
    """(id, name) of every calendar, in their order."""
    return [(str(number), each.name) for number, each in store.latest(uow).hours.items() if number != ALWAYS]


def opening(uow: UnitOfWork, number: str, at: datetime) -> Opening | None:
    """How a calendar stands at a moment; None for one that is gone."""
    calendar = _calendar(uow, number)
    if calendar is None:
        return None
    try:
        return Opening(is_open(calendar, at), next_open(calendar, at))
    except NeverOpen:
        return Opening(False)


def worked(uow: UnitOfWork, number: str, spans: Sequence[tuple[datetime, datetime]]) -> list[timedelta] | None:
    """How much of each span a calendar was open; None for one that is gone."""
    calendar = _calendar(uow, number)
    return None if calendar is None else [between(calendar, *span) for span in spans]


def _calendar(uow: UnitOfWork, number: str) -> Calendar | None:
    known = {str(key): each.calendar for key, each in store.latest(uow).hours.items() if key != ALWAYS}
    return known.get(number)
