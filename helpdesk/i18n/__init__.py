"""What the reader reads: sentences, dates, numbers and sizes in their language, calendar, digits and time zone.

``reader`` says who reads, ``figures`` writes numbers and days; here are the sentences around them.
"""

import datetime as times
import re
from collections.abc import Iterable
from decimal import Decimal

from markupsafe import Markup

from helpdesk.core.errors import HelpdeskError, load_message
from helpdesk.core.text import digits

from .calendars import jalali_month_days, parse_date, typed_date
from .catalogues import add_catalogues, browser_messages, lookup, messages_script, translations
from .figures import clock_time, date, first_weekday, local, number, parts_of, percent, time_, weekday
from .reader import LANGUAGES, LOCALES, Reader, current, for_browser, reading

__all__ = [
    "LANGUAGES",
    "LOCALES",
    "Reader",
    "_",
    "add_catalogues",
    "browser_messages",
    "clock_time",
    "current",
    "date",
    "datetime_",
    "duration",
    "file_size",
    "first_weekday",
    "for_browser",
    "gettext",
    "install",
    "isolate",
    "jalali_month_days",
    "local",
    "ngettext",
    "number",
    "parse_date",
    "percent",
    "reading",
    "relative",
    "render_stored",
    "render_message",
    "render_parts",
    "time_",
    "typed_date",
    "weekday",
]

SAME_SITTING = 6 * 3600  # seconds; so long an hour's distance says more than "yesterday"


# Sentences


def _translated(message: str) -> str:
    language = current.get().language
    return message if language == "en" else lookup(language, message)


def _translated_plural(singular: str, plural: str, count: int) -> str:
    return translations(current.get().language).ngettext(singular, plural, count)


def gettext(message: str, /, **values) -> str:
    """The sentence in the reader's language, its ``%(name)s`` places filled.

    Numbers, dates and spans of time are written the reader's way, and a text that runs against the sentence is
    isolated. A number that only names something (a ticket's) is given as ``str``, so that its digits stay Latin.
    """
    return _filled(_translated(message), values)


def ngettext(singular: str, plural: str, num: int, /, **values) -> str:
    """The sentence for ``num`` things; ``%(num)s`` is their number."""
    return _filled(_translated_plural(singular, plural, num), values, num=number(num))


_ = gettext


def render_message(sentence: str | HelpdeskError, /, **values) -> str:
    """A sentence, or what an error has to say, in the reader's language."""
    if isinstance(sentence, HelpdeskError):
        sentence, values = sentence.sentence, {**sentence.values, **values}
    return gettext(sentence, **values)


def render_stored(stored: str) -> str:
    """What a row keeps of a sentence (``helpdesk.core.errors.dump_message``) in the reader's language; "" for
    nothing.
    """
    return render_message(load_message(stored)) if stored else ""


def render_parts(parts: Iterable[str | int]) -> str:
    """What a message of the desk tells in the reader's language: stored sentences, and seconds as "5:18"."""
    return " · ".join(clock_time(part) if isinstance(part, int) else render_stored(part) for part in parts)


def _filled(text: str, values: dict, /, **written: str) -> str:
    places = {name: _shown(value) for name, value in values.items()} | written
    return text % places if places else text.replace("%%", "%")


def _shown(value):
    if isinstance(value, bool) or hasattr(value, "__html__"):
        return value
    if isinstance(value, int):
        return digits(str(value), current.get().digits)
    if isinstance(value, float | Decimal):
        return number(value)
    if isinstance(value, times.datetime):
        return datetime_(value)
    if isinstance(value, times.date):
        return date(value)
    if isinstance(value, times.timedelta):
        return duration(value.total_seconds())
    if isinstance(value, HelpdeskError):
        return _settled(render_message(value))
    return _settled(value) if isinstance(value, str) else value


_RUNS_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ONLY_PERSIAN = re.compile("[\u0600-\u06ff\u200c\u00ab\u00bb\\s]*")


def _settled(text: str) -> str:
    # Programs that make links of addresses would take the isolating mark for a part of them.
    if text.startswith(("https://", "http://", "\u2068")) or text.isdecimal():
        return text
    foreign = not _ONLY_PERSIAN.fullmatch(text) if current.get().language == "fa" else _RUNS_RIGHT_TO_LEFT.search(text)
    return isolate(text) if foreign else text


def isolate(text: str) -> str:
    """The text between U+2068 and U+2069, so that its direction and its surroundings' leave each other alone."""
    return f"\u2068{text}\u2069"


def install(environment) -> None:
    """Give a Jinja environment ``_()``, ``ngettext()``, ``{% trans %}`` and filters that write numbers and times.

    What ``_()`` returns is escaped like any text, since it is also used on sentences that are not ours. ``{% trans %}``
    and ``gettext()`` are for sentences written in a template: these may hold markup, and only their values are escaped.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(_=_escaped, gettext=_trusted, ngettext=_trusted_plural, browser_messages=messages_script)
    environment.filters.update(number=number, percent=percent, file_size=file_size, duration=duration, isolate=isolate)
    environment.filters.update(
        date=date, weekday=weekday, time=time_, datetime=datetime_, relative=relative, render_stored=render_stored
    )


def _escaped(message: str, /, **values) -> str:
    text = _translated(message)
    if not values and "%" not in text:
        return text
    return _filled(
        Markup.escape(text) if any(hasattr(value, "__html__") for value in values.values()) else text, values
    )


def _trusted(message: str, /, **values) -> Markup:
    return _filled(Markup(_translated(message)), values)


def _trusted_plural(singular: str, plural: str, num: int, /, **values) -> Markup:
    return _filled(Markup(_translated_plural(singular, plural, num)), values, num=number(num))


# Amounts


def file_size(size: int) -> str:
    """A number of bytes in the largest fitting unit of the SI."""
    if size < 1000:
        return ngettext("%(num)s byte", "%(num)s bytes", size)
    if size < 999_500:
        return _("%(size)s kB", size=_rounded(size / 1e3))
    if size < 999_500_000:
        return _("%(size)s MB", size=_rounded(size / 1e6))
    return _("%(size)s GB", size=_rounded(size / 1e9))


def _rounded(value: float) -> float:
    return round(value, 1 if value < 9.95 else None)


def duration(seconds: float) -> str:
    """A span of time in its two largest units from days to minutes, or in seconds when under a minute."""
    seconds = int(abs(seconds))
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    units = [
        days and ngettext("%(num)s day", "%(num)s days", days),
        hours and ngettext("%(num)s hour", "%(num)s hours", hours),
        minutes and not days and ngettext("%(num)s minute", "%(num)s minutes", minutes),
    ]
    first, *second = filter(None, units)
    return _filled(_translated("%(first)s and %(second)s"), {}, first=first, second=second[0]) if second else first


# Dates


def datetime_(at: times.datetime) -> str:
    """Day and time in one phrase."""
    return _filled(_translated("%(date)s, %(time)s"), {}, date=date(at), time=time_(at))


def relative(at: times.datetime, now: times.datetime | None = None) -> str:
    """How long ago or how soon, up to a week; a date beyond it, without its year when that is this year."""
    at, now = local(at), local(now or times.datetime.now(times.UTC))
    seconds, days = (now - at).total_seconds(), (now.date() - at.date()).days
    if abs(days) >= 7:
        return date(at, year=parts_of(at.date())[0] != parts_of(now.date())[0])
    return _ago(seconds, days) if seconds >= 0 else _ahead(-seconds, -days)


def _ago(seconds: float, days: int) -> str:
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", int(seconds // 60))
    if days == 0 or seconds < SAME_SITTING:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", int(seconds // 3600))
    return _("yesterday") if days == 1 else ngettext("%(num)s day ago", "%(num)s days ago", days)


def _ahead(seconds: float, days: int) -> str:
    if seconds < 60:
        return _("in a moment")
    if seconds < 3600:
        return ngettext("in %(num)s minute", "in %(num)s minutes", int(seconds // 60))
    if days == 0 or seconds < SAME_SITTING:
        return ngettext("in %(num)s hour", "in %(num)s hours", int(seconds // 3600))
    return _("tomorrow") if days == 1 else ngettext("in %(num)s day", "in %(num)s days", days)
