"""Language: texts, dates and digits for whoever reads them. Every plugin has a catalogue of its own in ``translations/``."""

from ..core.errors import _
from ..language import READERS, Reader, current, date, datetime_, gettext, isolate, ngettext, reading, say

__all__ = ["READERS", "Reader", "_", "current", "date", "datetime_", "gettext", "isolate", "ngettext", "reading", "say"]
