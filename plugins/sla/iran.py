"""Official holidays of Iran where the library and the published calendar differ."""

from __future__ import annotations

from .days import CalendarFile

CORRECTIONS = CalendarFile({})
