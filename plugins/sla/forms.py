"""Calendars and policies from what was typed into their forms, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays

from helpdesk.api import people, tickets
from helpdesk.api.errors import Invalid, _
from helpdesk.api.text import plain
from helpdesk.api.work import UnitOfWork

from . import store, typed
from .days import BadFile, read_ical
from .rules import ALWAYS

MOST = 50  # calendars, and policies
CLOCKS = ("first_answer", "next_answer", "solution")
LISTED = 20  # values of one condition


def calendar(uow: UnitOfWork, form: Any, row_id: int, kept: Sequence[str], file: Any = None) -> dict[str, Any]:
    """A calendar in its stored form; ``kept`` are its files, ``file`` a further one that was uploaded."""
    zone = form.get("zone", "").strip()
    if zone not in available_timezones():
        raise Invalid(_("There is no time zone named %(name)s."), name=zone[:60])
    return {
        "id": row_id,
        "name": _name(form),
        "zone": ZoneInfo(zone).key,
        "week": [typed.hours(form.get(f"day{number}", "")) for number in range(7)],
        "countries": [_country(code) for code in _words(form.get("countries", ""))],
        "days": typed.special_days(form.get("days", "")),
        "files": [*([] if "drop_files" in form else kept), *_file(uow, file)],
    }


def policy(uow: UnitOfWork, form: Any, row_id: int, calendars: Sequence[dict]) -> dict[str, Any]:
    """A policy in its stored form."""
    goals = {name: amount for name in CLOCKS if (amount := typed.minutes(form.get(name, "")))}
    if not goals:
        raise Invalid(_("Please write at least one goal."))
    known = {ALWAYS, *(row["id"] for row in calendars)}
    chosen = _number(form.get("calendar", "0"))
    queues = {queue.id for queue in people.queues(uow)}
    return {
        "id": row_id,
        "name": _name(form),
        "calendar": chosen if chosen in known else ALWAYS,
        "goals": goals,
        "warn": typed.minutes(form.get("warn", "")) or 0,
        "escalation": _escalation(form, queues),
        "queues": sorted(queues & set(map(_number, form.getlist("queue")))),
        "priorities": [name for name in tickets.PRIORITIES if name in form.getlist("priority")],
        "channels": [name for name in uow.runtime.channels if name in form.getlist("channel")],
        "tags": _words(form.get("tags", "")),
        "customers": [_number(word) for word in _words(form.get("customers", ""))],
    }


def _escalation(form: Any, queues: set[int]) -> dict[str, Any]:
    """What happens once a target was missed; what was not chosen is left out."""
    priority, queue = form.get("late_priority", ""), _number(form.get("late_queue", ""))
    found = {
        "priority": priority if priority in tickets.PRIORITIES else "",
        "queue": queue if queue in queues else 0,
        "tag": next(iter(_words(form.get("late_tag", ""))), ""),
    }
    return {name: value for name, value in found.items() if value}


def next_id(rows: Sequence[dict]) -> int:
    """The id of a further row; Invalid when there are too many."""
    if len(rows) >= MOST:
        raise Invalid(_("At most %(most)s of them."), most=MOST)
    return max((row["id"] for row in rows), default=0) + 1


def _name(form: Any) -> str:
    name = " ".join(plain(form.get("name", "")).split())[:120]
    if not name:
        raise Invalid(_("Please write a name."))
    return name


def _words(text: str) -> list[str]:
    words = (" ".join(plain(word).split())[:40] for word in text.replace("،", ",").split(","))
    return list(dict.fromkeys(filter(None, words)))[:LISTED]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _country(code: str) -> str:
    name, _dash, region = code.upper().partition("-")
    try:
        holidays.country_holidays(name, subdiv=region or None, years=2026)
    except NotImplementedError:
        raise Invalid(_("No official holidays are known of “%(name)s”."), name=code) from None
    return f"{name}-{region}" if region else name


def _file(uow: UnitOfWork, file: Any) -> list[str]:
    content = file.read() if file and file.filename else b""
    if not content:
        return []
    try:
        return [store.keep_file(uow, content, read_ical(content))]
    except BadFile:
        raise Invalid(_("This file cannot be used: please choose an iCal file of at most one megabyte.")) from None
