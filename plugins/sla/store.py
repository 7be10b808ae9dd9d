"""Reading and writing versions of the rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from helpdesk.api import tables
from helpdesk.api.errors import Conflict, _
from helpdesk.api.work import UnitOfWork

from .days import CalendarFile
from .models import CalendarDays, RulesVersion
from .rules import Rules, built

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
ROWS = RulesVersion.__table__
LATEST_QUERY = select(ROWS).order_by(ROWS.c.version.desc()).limit(1)
OTHERS = _("Somebody else changed these rules meanwhile. Please look at them again.")


def latest(uow: UnitOfWork) -> Rules:
    """The rules as they are now; version 0 knows queues' own minutes only."""
    return _rules(uow, uow.session.connection().execute(LATEST_QUERY).first())


def version(uow: UnitOfWork, number: int) -> Rules:
    """An earlier version."""
    return _rules(uow, uow.session.connection().execute(select(ROWS).where(ROWS.c.version == number)).first())


def following(uow: UnitOfWork, number: int) -> datetime:
    """When the version after this one came."""
    query = select(ROWS.c.at).where(ROWS.c.version > number).order_by(ROWS.c.version).limit(1)
    return uow.session.connection().scalar(query) or FIRST


def stored(uow: UnitOfWork) -> tuple[int, list[dict], list[dict]]:
    """(version, calendars, policies) in the form that ``save`` takes."""
    row = uow.session.connection().execute(LATEST_QUERY).first()
    return (row.version, list(row.calendars), list(row.policies)) if row else (0, [], [])


def save(uow: UnitOfWork, seen: int, calendars: Sequence[Mapping], policies: Sequence[Mapping]) -> int:
    """Write the next version; Conflict unless ``seen`` is the newest one."""
    next_ = {"version": seen + 1, "at": uow.clock(), "user_id": uow.actor.user_id}
    known = uow.session.connection().execute(LATEST_QUERY).first()
    if (known.version if known else 0) != seen:
        raise Conflict(OTHERS)
    rows = {"calendars": list(calendars), "policies": list(policies)}
    if not tables.insert_new(uow, RulesVersion, **next_, **rows):
        raise Conflict(OTHERS)
    return seen + 1


def keep_file(uow: UnitOfWork, content: bytes, days: CalendarFile) -> str:
    """Keep the days of an iCal file; returns the name it has in a calendar."""
    sha256 = hashlib.sha256(content).hexdigest()
    plain = {day.isoformat(): None if found.shifts is None else found.name("") for day, found in days.days.items()}
    tables.insert_new(uow, CalendarDays, sha256=sha256, days=plain)
    return sha256


def files(uow: UnitOfWork, calendars: Sequence[Mapping]) -> dict[str, dict]:
    """The days of all files that these calendars name."""
    wanted = {sha for row in calendars for sha in row.get("files", [])}
    table = CalendarDays.__table__
    query = select(table).where(table.c.sha256.in_(wanted))
    return {row.sha256: row.days for row in uow.session.connection().execute(query)} if wanted else {}


def _rules(uow: UnitOfWork, row: Row[Any] | None) -> Rules:
    if row is None:
        return built(0, FIRST, [], [], {})
    content = json.dumps([row.version, row.calendars, row.policies], sort_keys=True)
    return _kept(content, row.at) or _keep(content, row.at, files(uow, row.calendars))


_BUILT: dict[tuple[str, datetime], Rules] = {}


def _kept(content: str, at: datetime) -> Rules | None:
    return _BUILT.get((content, at))


def _keep(content: str, at: datetime, days: Mapping[str, Mapping]) -> Rules:
    """Rules are built once for a process: their calendars remember the holidays they looked up."""
    while len(_BUILT) >= 16:
        _BUILT.pop(next(iter(_BUILT)))
    number, calendars, policies = json.loads(content)
    _BUILT[content, at] = built(number, at, calendars, policies, days)
    return _BUILT[content, at]
