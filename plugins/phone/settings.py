"""The settings of a telephone line: how its system proves what it tells, recordings, call-backs and how people dial."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.api.channels import Secret
from helpdesk.api.errors import Invalid
from helpdesk.api.i18n import _
from helpdesk.api.slots import read_hours
from helpdesk.api.text import PHONE_REGION, is_phone_region, phone_number

IN, BACK, DIAL = _("Call events"), _("Call-backs"), _("Dialling")
NEVER, ANNOUNCED, TOLD = "never", "announced", "told"
HOURS_EXAMPLE = "sat-wed 9:00-17:00, thu 9:00-13:00"


def _number(value: str) -> None:
    try:
        phone_number(value) if value else None
    except Invalid as problem:
        raise ValidationError(problem.sentence) from None


def _region(value: str) -> None:
    if not is_phone_region(value):
        raise ValidationError(_("Please enter the two letters of a country, such as IR."))


def _address(value: str) -> None:
    if value and (not value.startswith(("https://", "http://")) or any(letter.isspace() for letter in value)):
        raise ValidationError(_("Please enter an address that begins with https://."))


def _zone(value: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValidationError(_("Please enter a time zone such as Asia/Tehran.")) from None


def _hours(value: str) -> None:
    try:
        read_hours(value)
    except ValueError:
        raise ValidationError(_("Please write days and hours as in the example.")) from None


def _text(label: str, default: str = "", help: str = "", group: str = "", check=(), most: int = 500) -> fields.String:
    metadata = {"label": label} | ({"help": help} if help else {}) | ({"group": group} if group else {})
    return fields.String(load_default=default, validate=[validate.Length(max=most), *check], metadata=metadata)


def _choice(label: str, choices: tuple[str, ...], group: str, help: str = "") -> fields.String:
    metadata = {"label": label, "group": group} | ({"help": help} if help else {})
    return fields.String(load_default=choices[0], validate=validate.OneOf(choices), metadata=metadata)


def _count(label: str, default: int, least: int, most: int, group: str = BACK) -> fields.Integer:
    return fields.Integer(
        load_default=default, validate=validate.Range(least, most), metadata={"label": label, "group": group}
    )


class Settings(Schema):
    """One telephone line of the desk."""

    number = _text(_("Your number"), check=[_number], most=40)
    region = _text(_("Country of numbers without a code"), PHONE_REGION, check=[_region], most=2)
    language = _choice(_("Language of what is written about calls"), ("fa", "en"), IN)
    secret = Secret(
        load_default="", sent_to=(), metadata={"label": _("Secret that signs the call events"), "group": IN}
    )
    recordings = _choice(
        _("Keep links to recordings"),
        (NEVER, TOLD, ANNOUNCED),
        IN,
        _("never; told: when the event says that the caller agreed; announced: your announcement asks every caller"),
    )
    files_url = _text(
        _("Address of voice messages"), help=_("Only files from there are given the key"), group=IN, check=[_address]
    )
    files_key = Secret(
        load_default="", sent_to=("files_url",), metadata={"label": _("Key for voice messages"), "group": IN}
    )
    offer_after = _count(_("Offer a call-back to callers who wait longer than (seconds)"), 120, 10, 3600, IN)
    offer_url = _text(
        _("Address that announces the offer"), help=_("Places: {call} {to} {key}"), group=IN, check=[_address]
    )
    offer_body = _text(_("Fields of the offer"), "call={call}", group=IN)
    offer_context = _text(_("Dialplan context of the offer (Asterisk)"), group=IN, most=80)
    hours = fields.String(
        load_default=HOURS_EXAMPLE,
        validate=[validate.Length(max=500), _hours],
        metadata={"label": _("Hours of calls"), "group": BACK, "placeholder": HOURS_EXAMPLE},
    )
    zone = _text(_("Time zone"), "Asia/Tehran", group=BACK, check=[_zone], most=60)
    holidays = _text(_("Country of the holidays"), PHONE_REGION, _("Empty: none"), BACK, most=2)
    slot_minutes = _choice(_("Minutes of a slot"), ("30", "15", "20", "60"), BACK)
    slot_calls = _count(_("Calls per slot"), 3, 1, 100)
    days_ahead = _count(_("Days that can be booked ahead"), 14, 1, 60)
    promise_minutes = _count(_("Minutes to promise while the wait is not known"), 60, 5, 1440)
    script = _text(_("What to say"), help=_("A line a step"), group=BACK, most=4000)
    dial = _choice(_("How people dial"), ("tel", "sip", "http", "asterisk"), DIAL)
    dial_url = _text(
        _("Address of click-to-call"), help=_("Places: {to} {agent} {key} {call}"), group=DIAL, check=[_address]
    )
    dial_body = _text(_("Fields"), "agent={agent}&to={to}&call={call}", group=DIAL)
    dial_user = _text(_("User name"), group=DIAL, most=100)
    dial_key = Secret(load_default="", sent_to=("dial_url",), metadata={"label": _("Key or password"), "group": DIAL})
    dial_endpoint = _text(_("Device of an agent"), "PJSIP/{agent}", group=DIAL, most=200)
    dial_out = _text(_("Way out to the network"), "PJSIP/{to}@trunk", group=DIAL, most=200)
