"""The front desk as a channel: a number taken at the kiosk is a message, and answers are given in person."""

from __future__ import annotations

import json
from collections.abc import Iterator

from marshmallow import Schema, fields, validate

from helpdesk.api.channels import Accepts, Address, Channel, Inbound, Outbound, RawMessage, Sent, Step
from helpdesk.api.errors import Malformed, Refused, _
from helpdesk.api.i18n import LOCALES, named, reading

TOPICS = """Return something | بازگرداندن کالا
Collect an order | گرفتن سفارش
Account and payment | حساب و پرداخت
Something else | پرسش دیگر"""


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
