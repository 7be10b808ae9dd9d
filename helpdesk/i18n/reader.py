"""Who reads: language, calendar, digits and time zone. The reader of the moment stands in ``current``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass

LANGUAGES = ("fa", "en")


@dataclass(frozen=True)
class Reader:
    """How one person reads: language "fa" or "en", calendar "jalali" or "gregorian", digits "fa" or "en", an IANA
    time zone.
    """

    language: str = "en"
    calendar: str = "gregorian"
    digits: str = "en"
    timezone: str = "Asia/Tehran"

    @property
    def dir(self) -> str:
        """ "rtl" or "ltr"."""
        return "rtl" if self.language == "fa" else "ltr"


LOCALES = {"en": Reader(), "fa": Reader("fa", "jalali", "fa")}
current: ContextVar[Reader] = ContextVar("reader", default=LOCALES["en"])


@contextmanager
def reading(reader: Reader) -> Iterator[Reader]:
    """Everything rendered inside is rendered for this reader."""
    before = current.set(reader)
    try:
        yield reader
    finally:
        current.reset(before)


def for_browser(reader: Reader) -> dict[str, str]:
    """What a page's scripts must know to write dates and numbers as we do here."""
    return asdict(reader) | {"dir": reader.dir}
