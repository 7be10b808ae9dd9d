"""A channel made of paper: what comes in is JSON of an Inbound, what goes out lies in ``Letters.posted``. For tests."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from itertools import count

from marshmallow import Schema, fields

from helpdesk.core.channels.accepts import Accepts, Attachments
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound, Parsed
from helpdesk.core.channels.json import from_json, to_json
from helpdesk.core.channels.outbound import Outbound, Sent
from helpdesk.core.channels.types import Channel, RawMessage, Secret
from helpdesk.core.errors import Malformed, _

_numbers = count(1)


class Letters(Channel):
    """Letters between people. ``fails`` may hold an error to raise at the next sending."""

    name = "letters"
    label = "Letters"
    address = "postal"
    accepts = Accepts(html=True, attachments=Attachments(), subject=True)
    posted: list[Outbound] = []
    fails: list[Exception] = []

    class Settings(Schema):
        address = fields.String(load_default="box 1")
        seal = Secret(sent_to=(), load_default="")

    def parse(self, raw_message: RawMessage) -> Parsed:
        """Read the JSON."""
        try:
            return from_json(json.loads(raw_message.raw))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Malformed(_("This is not a letter.")) from None

    def send(self, outbound: Outbound) -> Sent:
        """Put it on the pile."""
        if self.fails:
            raise self.fails.pop(0)
        self.posted.append(outbound)
        return Sent(detail="posted")


def letter(text: str = "Hello", sender: str | Address = "mina", name: str = "Mina", **more) -> RawMessage:
    """A raw message with a letter; ``more`` are fields of Inbound. Each has an external id of its own unless one is
    given.
    """
    number = next(_numbers)
    more.setdefault("external_id", f"letter-{number}")
    more.setdefault("fingerprint", hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())
    who = Address("postal", sender, name) if isinstance(sender, str) else sender
    inbound = Inbound(sender=who, text=text, **more)
    return RawMessage(f"letter-{number}", json.dumps(to_json(inbound)).encode(), datetime.now(UTC))
