"""How waiting people are offered, as a group of settings: capacity has one field for each kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.core.errors import _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.settings.registry import SettingsGroup, read

from .kinds import MOST, WaitingKind
from .models import REASON

GROUP = "waiting"
REASONS = {
    "lunch": _("Lunch"),
    "break": _("Short break"),
    "meeting": _("Meeting"),
    "course": _("Course"),
    "missed": _("Let several offers pass"),
}
OWN_REASONS = 20
OFFERS, AVAILABILITY, CAPACITY = _("Offers"), _("Availability"), _("How many at once")


class Settings(Schema):
    """What is the same for every kind."""

    auto_assign = fields.Boolean(
        load_default=False,
        metadata={
            "label": _("Assign without asking"),
            "help": _("Whoever is free gets the next in line at once. Otherwise it rings and they accept."),
            "group": OFFERS,
        },
    )
    ring_seconds = fields.Integer(
        load_default=20,
        validate=validate.Range(5, 300),
        metadata={"label": _("Seconds it rings before it goes to the next colleague"), "group": OFFERS},
    )
    wait_limit = fields.Integer(
        load_default=120,
        validate=validate.Range(5, 24 * 3600),
        metadata={"label": _("Seconds of waiting after which the time is shown in red"), "group": OFFERS},
    )
    missed = fields.Integer(
        load_default=3,
        validate=validate.Range(0, 20),
        metadata={
            "label": _("Set to away after so many missed offers in a row"),
            "help": _("0 never does."),
            "group": AVAILABILITY,
        },
    )
    reasons = fields.String(
        load_default="",
        validate=validate.Length(max=OWN_REASONS * (REASON + 2)),
        metadata={
            "label": _("More reasons for being away or busy"),
            "help": _("One on each line. Lunch, short break, meeting and course are there already."),
            "group": AVAILABILITY,
            "multiline": True,
        },
    )


@dataclass(frozen=True)
class Rules:
    """The settings as they are now; times in seconds, ``capacity`` by kind."""

    auto_assign: bool
    ring_seconds: int
    wait_limit: int
    missed: int
    reasons: tuple[str, ...]
    capacity: dict[str, int]


def group_for(kinds: Iterable[WaitingKind]) -> SettingsGroup:
    """The group of settings of a desk with these kinds."""
    named: dict[str, Any] = {
        _field(kind.name): fields.Integer(
            load_default=kind.capacity,
            validate=validate.Range(0, MOST),
            metadata={"label": kind.label, "group": CAPACITY},
        )
        for kind in kinds
    }
    schema = type("WaitingSettings", (Settings,), named)
    return SettingsGroup(GROUP, _("Availability and the line"), schema)


def rules(uow: UnitOfWork) -> Rules:
    """How waiting people are offered now."""
    stored = read(uow, GROUP)
    own = dict.fromkeys(line[:REASON] for line in map(str.strip, stored["reasons"].splitlines()) if line)
    return Rules(
        stored["auto_assign"],
        stored["ring_seconds"],
        stored["wait_limit"],
        stored["missed"],
        tuple(own)[:OWN_REASONS],
        {name: stored[_field(name)] for name in uow.runtime.waiting_kinds},
    )


def _field(kind: str) -> str:
    return "most_" + kind.replace(".", "_")
