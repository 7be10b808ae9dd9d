"""What a person may choose for themselves, checked."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from helpdesk.core.errors import Invalid, _
from helpdesk.core.people.models import User
from helpdesk.i18n import LANGUAGES
from helpdesk.web.http.locale import CALENDARS, DIGITS, THEMES, TIMEZONES

ENDS = {"30": _("In 30 days"), "90": _("In 90 days"), "365": _("In a year"), "": _("Never")}  # of a token, by days
AS_THE_LANGUAGE = ""  # follow the habits of the language instead of a choice of one's own
_ZONES = (
    "Asia/Tehran",
    "UTC",
    "Asia/Kabul",
    "Asia/Dushanbe",
    "Asia/Dubai",
    "Asia/Baghdad",
    "Asia/Istanbul",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Stockholm",
    "America/New_York",
    "America/Toronto",
    "America/Los_Angeles",
)


class Preferences(Schema):
    """A person's own choices; names that are not here are refused."""

    class Meta:
        unknown = RAISE

    language = fields.String(validate=validate.OneOf(LANGUAGES))
    theme = fields.String(validate=validate.OneOf(THEMES))
    calendar = fields.String(validate=validate.OneOf([AS_THE_LANGUAGE, *CALENDARS]))
    digits = fields.String(validate=validate.OneOf([AS_THE_LANGUAGE, *DIGITS]))
    ring_sound = fields.Boolean()
    timezone = fields.String(validate=validate.OneOf([AS_THE_LANGUAGE, *TIMEZONES]))


def preferences() -> dict:
    """The choices sent as JSON or as a form; Invalid when one of them cannot be followed."""
    given = (
        request.get_json()
        if request.is_json
        else {name: value for name, value in request.form.items() if name != "csrf_token"}
    )
    try:
        return Preferences().load(given)
    except ValidationError as error:
        names = error.messages if isinstance(error.messages, dict) else {}
        raise Invalid(
            _("This choice is not possible."), dict.fromkeys(names, _("Please choose one of the list."))
        ) from None


def token(now: datetime) -> dict:
    """Name, scopes and end of a new token; one from the form always has scopes, and an end unless none was chosen."""
    days = request.form.get("days", "90")
    if days not in ENDS:
        raise Invalid(_("This choice is not possible."), {"days": _("Please choose one of the list.")})
    end = now + timedelta(days=int(days)) if days else None
    return {"name": request.form.get("name", ""), "scopes": request.form.getlist("scope"), "expires_at": end}


def zones(user: User) -> list[str]:
    """The time zones to choose from, the user's own among them whichever it is."""
    own = (user.preferences or {}).get("timezone")
    return [*_ZONES, *([own] if own and own not in _ZONES else [])]
