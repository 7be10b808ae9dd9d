"""The front desk as a channel: a number taken at the kiosk is a message, and answers are given in person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.api.channels import Accepts, Address, Channel, Inbound, Outbound, RawMessage, Sent, Step
from helpdesk.api.errors import Malformed, Refused, _
from helpdesk.api.i18n import LOCALES, named, reading
from helpdesk.api.slots import read_hours

BOOKING, HOURS = _("Appointments"), "sat-wed 9:00-17:00, thu 9:00-13:00"
TOPICS = """Return something | بازگرداندن کالا
Collect an order | گرفتن سفارش
Account and payment | حساب و پرداخت
Something else | پرسش دیگر"""


def _hours(value: str) -> None:
    try:
        read_hours(value)
    except ValueError:
        raise ValidationError(_("Please write days and hours as in the example.")) from None


def _zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValidationError(_("Please enter a time zone such as Asia/Tehran.")) from None


class Settings(Schema):
    """What the kiosk offers."""

    place = fields.String(
        load_default="",
        validate=validate.Length(max=120),
        metadata={"label": _("Name of the place"), "help": _("In both languages like this: Shop | فروشگاه")},
    )
    topics = fields.String(
        load_default=TOPICS,
        validate=validate.Length(1, 2000),
        metadata={
            "label": _("Reasons to come"),
            "multiline": True,
            "help": _("One a line; the kiosk shows a button for each."),
        },
    )
    phone = fields.Boolean(
        load_default=True,
        metadata={
            "label": _("Ask for a telephone number"),
            "help": _("It may be left empty, and counts only once somebody at the counter has seen a proof."),
        },
    )

    hours = fields.String(
        load_default=HOURS,
        validate=[validate.Length(max=500), _hours],
        metadata={"label": _("Opening hours"), "group": BOOKING, "placeholder": HOURS},
    )
    zone = fields.String(
        load_default="Asia/Tehran",
        validate=[validate.Length(max=60), _zone],
        metadata={"label": _("Time zone"), "group": BOOKING},
    )
    holidays = fields.String(
        load_default="IR",
        validate=validate.Length(max=2),
        metadata={"label": _("Country of the holidays"), "help": _("Empty: none"), "group": BOOKING},
    )
    slot_minutes = fields.Integer(
        load_default=30,
        validate=validate.Range(5, 240),
        metadata={"label": _("Minutes of an appointment"), "group": BOOKING},
    )
    slot_people = fields.Integer(
        load_default=2,
        validate=validate.Range(0, 100),
        metadata={
            "label": _("People at one time"),
            "help": _("0: no appointments."),
            "group": BOOKING,
        },
    )
    days_ahead = fields.Integer(
        load_default=14,
        validate=validate.Range(1, 60),
        metadata={"label": _("Days that can be booked ahead"), "group": BOOKING},
    )
    origins = fields.String(
        load_default="*",
        validate=validate.Length(max=2000),
        metadata={
            "label": _("Sites whose pages may follow the line"),
            "help": _("* for any: it says only that numbers changed."),
        },
    )


class FrontDesk(Channel):
    """The address of whoever comes is their visit: a customer of its own until they prove another one."""

    name = "frontdesk"
    label = _("Front desk")
    icon = "desk"
    address = "visit"
    accepts = Accepts(by_hand=True, max_chars=4000)
    interactive = True
    Settings = Settings

    @classmethod
    def listen(cls, accounts, take):
        """Numbers are taken on the kiosk's page, so there is no server to start."""
        return lambda: None

    def parse(self, raw_message: RawMessage) -> Inbound:
        """The visit that a number is."""
        try:
            said = json.loads(raw_message.raw)
            visit, number, topic = str(said["visit"])[:40], int(said["number"]), str(said["topic"])[:120]
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            raise Malformed(_("This is no visit.")) from None
        with reading(LOCALES.get(str(said.get("language", "")), LOCALES["en"])):
            topic = named(topic)
        return Inbound(
            Address(self.address, f"{self.account.id}:{visit}".lower(), f"#{number}"),
            subject=topic,
            text=topic,
            external_id=raw_message.external_id,
            thread=f"visit-{visit}",
            form="visit",
            language=str(said.get("language", ""))[:8],
            details={"visit": visit, "number": number},
        )

    def send(self, outbound: Outbound) -> Sent:
        """Never by a machine."""
        raise Refused(_("A person says this at the counter."))

    def check(self) -> Iterator[Step]:
        """Nothing has to be reached; say where the pages are."""
        yield Step(_("The kiosk and the display are linked on the page Front desk."))
