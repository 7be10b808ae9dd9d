"""The settings of a chat account, and what their lines of text stand for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.api.channels import Secret
from helpdesk.api.i18n import _, gettext

from . import hours

ASKED = ["no", "optional", "required"]
ORIGIN = re.compile(r"\*|https?://[a-z0-9.-]{1,253}(:\d{1,5})?/?")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOOKS, ASKS, RULES = _("Appearance"), _("Before the first message"), _("Rules")
EMAIL = re.compile(r"[^@\s<>\",;:]{1,64}@[^@\s<>\",;:]{1,189}")


def _origins(value: str) -> None:
    if not all(ORIGIN.fullmatch(each.lower()) for each in value.replace(",", " ").split()) or not value.strip():
        raise ValidationError(_("Please enter addresses such as https://shop.example, without a path."))


def _colour(value: str) -> None:
    if not COLOUR.fullmatch(value):
        raise ValidationError(_("Please enter a colour as # and six hexadecimal digits."))


def _networks(value: str) -> None:
    try:
        networks(value)
    except ValueError:
        raise ValidationError(_("Please enter networks, an address with its mask each.")) from None


def _text(label: str, default: str = "", group: str = "", help: str = "", **more: Any) -> fields.String:
    metadata = (
        {"label": label, "multiline": True} | ({"group": group} if group else {}) | ({"help": help} if help else {})
    )
    return fields.String(load_default=default, validate=validate.Length(max=4000), metadata=metadata, **more)


def _asked(label: str, default: str = "no") -> fields.String:
    rule = validate.OneOf(ASKED, [_("Do not ask"), _("Ask"), _("Must be answered")])
    return fields.String(load_default=default, validate=rule, metadata={"label": label, "group": ASKS})


def _minutes(label: str, default: int) -> fields.Integer:
    rule = validate.Range(1, 24 * 60)
    return fields.Integer(load_default=default, validate=rule, metadata={"label": label, "group": RULES})


class Settings(Schema):
    """Which sites it is for, how it looks, what it asks first and what it allows."""

    origins = fields.String(
        required=True,
        validate=[validate.Length(max=4000), _origins],
        metadata={
            "label": _("Sites"),
            "help": _("Such as https://shop.example, several divided by spaces; * for every site."),
            "ltr": True,
        },
    )
    secret = Secret(
        load_default="",
        sent_to=(),
        metadata={"label": _("Secret for signed-in visitors"), "help": _("The site signs its own ids with it (HMAC).")},
    )
    title = fields.String(
        load_default="", validate=validate.Length(max=80), metadata={"label": _("Title"), "group": LOOKS}
    )
    welcome = _text(_("Greeting"), group=LOOKS)
    away = _text(_("What is said when nobody is there"), group=LOOKS)
    colour = fields.String(
        load_default="#0e7490", validate=_colour, metadata={"label": _("Colour"), "group": LOOKS, "ltr": True}
    )
    side = fields.String(
        load_default="end",
        validate=validate.OneOf(["end", "start"], [_("End of the line"), _("Start of the line")]),
        metadata={"label": _("Side"), "group": LOOKS},
    )
    greetings = _text(
        _("Greetings by page"),
        group=LOOKS,
        help=_("One a line: path | seconds | text; * in a path stands for anything."),
    )
    callback = fields.String(
        load_default="",
        validate=validate.Length(max=400),
        metadata={"label": _("Page to ask for a call"), "group": LOOKS, "ltr": True},
    )
    ask_name = _asked(_("Name"))
    ask_email = _asked(_("E-mail address"))
    topics = _text(_("Topics"), group=ASKS, help=_("One a line; the visitor chooses one."))
    consent = _text(_("Consent"), group=ASKS, help=_("A sentence that must be agreed to; empty: none is asked for."))
    calendar = fields.String(
        load_default="",
        validate=validate.Length(max=60),
        metadata={
            "label": _("Business hours"),
            "group": RULES,
            "help": _("Outside them the chat says when it opens again and takes a message. Calendars: Answer times."),
            "choices": hours.choices,
        },
    )
    idle = _minutes(_("Minutes without a word until a chat ends"), 60)
    blocked = fields.String(
        load_default="",
        validate=[validate.Length(max=4000), _networks],
        metadata={
            "label": _("Blocked networks"),
            "group": RULES,
            "help": _("One a line: an address with its mask."),
            "multiline": True,
        },
    )


def networks(value: str) -> list[Any]:
    """The networks of a setting; ValueError for what is none."""
    return [ipaddress.ip_network(line.strip(), strict=False) for line in value.split() if line.strip()]


def greetings(value: str) -> list[dict[str, Any]]:
    """The greetings of a setting, at most twenty; lines of another form are left out."""
    found = []
    for line in value.splitlines()[:20]:
        page, seconds, text = ([part.strip() for part in line.split("|", 2)] + ["", ""])[:3]
        if page and seconds.isascii() and seconds.isdecimal() and text:
            found.append({"page": page[:200], "after": min(int(seconds[:5]), 3600), "text": text[:500]})
    return found


def questions(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is asked before the first message, in the current reader's language."""
    found = []
    for name, kind, label in (("name", "text", _("Your name")), ("email", "email", _("Your e-mail address"))):
        if settings.get(f"ask_{name}", "no") != "no":
            required = settings[f"ask_{name}"] == "required"
            found.append(_question(name, kind, gettext(label), required))
    topics = [line.strip()[:100] for line in settings.get("topics", "").splitlines() if line.strip()][:30]
    if topics:
        options = [{"value": topic, "label": topic} for topic in topics]
        found.append(_question("topic", "choice", gettext(_("What is it about?")), True, options))
    if settings.get("consent", "").strip():
        found.append(_question("consent", "consent", settings["consent"].strip(), True))
    return found


def _question(name: str, kind: str, label: str, required: bool, options: list[dict] | None = None) -> dict[str, Any]:
    return {"name": name, "kind": kind, "label": label, "help": "", "required": required, "options": options or []}


def checked(settings: Mapping[str, Any], given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """({name: answer}, {name: what is wrong}) of answers to the questions."""
    given, good, wrong = given if isinstance(given, dict) else {}, {}, {}
    for question in questions(settings):
        name, value = question["name"], given.get(question["name"])
        value = value if question["kind"] == "consent" else str(value or "").strip()[:254]
        fits = {
            "text": lambda value: True,
            "email": EMAIL.fullmatch,
            "choice": lambda value, of=question: value in [option["value"] for option in of["options"]],
            "consent": lambda value: value is True,
        }[question["kind"]]
        if value and fits(value):
            good[name] = value
        elif value or question["required"]:
            wrong[name] = gettext(_("Please answer this.")) if not value else gettext(_("Please check this."))
    return good, wrong
