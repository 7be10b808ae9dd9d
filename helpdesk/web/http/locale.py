"""For whom a page is written: the reader's language, calendar, digits, time zone and theme, and what templates know
of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import available_timezones

from flask import Flask, g, request
from flask.templating import Environment

from helpdesk import i18n
from helpdesk.core.people.models import User
from helpdesk.i18n import LANGUAGES, LOCALES, Reader
from helpdesk.i18n.day_grid import day_grid, day_times, weekday_letters
from helpdesk.i18n.names import named
from helpdesk.web import current_user, uow

THEMES = ("auto", "light", "dark")
CALENDARS = ("gregorian", "jalali")
DIGITS = ("en", "fa")
TIMEZONES = frozenset(available_timezones())
CHOICES = {"calendar": CALENDARS, "digits": DIGITS, "timezone": TIMEZONES}


def reader_of(user: User) -> Reader:
    """The reader a user is: their language's habits, changed by their own choices where these can be followed."""
    own = user.preferences or {}
    chosen = {name: own[name] for name, known in CHOICES.items() if own.get(name) in known}
    return replace(LOCALES.get(user.language, LOCALES["en"]), **chosen)


def guest() -> Reader:
    """A reader nobody knows yet: by the choice made on the sign-in page, else by the browser's languages."""
    wanted = [
        request.cookies.get("language", ""),
        *(tag.partition("-")[0].lower() for tag in request.accept_languages.values()),
    ]
    return LOCALES[next((language for language in wanted if language in LANGUAGES), "en")]


def theme() -> str:
    """light, dark or auto, by the user's choice or that of the browser's guest."""
    user = current_user()
    chosen = (user.preferences or {}).get("theme") if user else request.cookies.get("theme")
    return chosen if chosen in THEMES else "auto"


def begin() -> None:
    """Read this request's reader; static files have none."""
    user = current_user() if request.blueprint != "assets" else None
    i18n.current.set(reader_of(user) if user else guest())


def end(_error: BaseException | None = None) -> None:
    """Forget the reader: the next request of this connection may be somebody else's."""
    i18n.current.set(LOCALES["en"])


def iso(at: datetime) -> str:
    """A moment for machines: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Pages(Environment):
    """Templates read plain data: a dictionary is asked for its key first, since asking it for an attribute costs an
    exception each time.
    """

    def getattr(self, obj, attribute):
        """The key of a dictionary, else as everywhere."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def register(app: Flask) -> None:
    """Find the reader of each request and give templates what they need of them."""
    app.jinja_environment = Pages
    i18n.install(app.jinja_env)
    app.jinja_env.filters.update(iso=iso, from_iso=datetime.fromisoformat, zip=zip, named=named)
    app.jinja_env.globals["render_message"] = i18n.render_message
    app.jinja_env.globals |= {"day_grid": day_grid, "weekday_letters": weekday_letters, "day_times": day_times}
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.before_request(begin)
    app.teardown_request(end)

    @app.context_processor
    def _for_templates() -> dict:
        if "page_theme" not in g:
            g.page_theme = theme()
        return {"reader": i18n.current.get(), "theme": g.page_theme, "can": uow().actor.may}
