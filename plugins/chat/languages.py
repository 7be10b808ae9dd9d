"""The language a visitor is spoken to in."""

from __future__ import annotations

from helpdesk.api.i18n import LOCALES, Reader


def reader(asked: str) -> Reader:
    """The reader of the first known language of an ``Accept-Language`` or a name such as "fa-IR", else English."""
    for part in asked.lower().split(","):
        name = part.partition(";")[0].strip().partition("-")[0]
        if name in LOCALES:
            return LOCALES[name]
    return LOCALES["en"]
