"""Language: texts, dates and digits for whoever reads them. Every plugin has a catalogue of its own in
``translations/``.
"""

from helpdesk.core.errors import _
from helpdesk.i18n import (
    LOCALES,
    Reader,
    clock_time,
    current,
    date,
    datetime_,
    duration,
    gettext,
    isolate,
    ngettext,
    parse_date,
    reading,
    render_message,
    render_parts,
    render_stored,
    time_,
    weekday,
)
from helpdesk.i18n.day_grid import moment_of
from helpdesk.i18n.names import named
from helpdesk.i18n.time_left import day_and_time

__all__ = [
    "LOCALES",
    "Reader",
    "_",
    "clock_time",
    "current",
    "date",
    "datetime_",
    "day_and_time",
    "duration",
    "gettext",
    "isolate",
    "moment_of",
    "named",
    "ngettext",
    "parse_date",
    "reading",
    "render_message",
    "render_parts",
    "render_stored",
    "time_",
    "weekday",
]
