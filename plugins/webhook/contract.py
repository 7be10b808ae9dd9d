"""The proofs of the inbound channel: JSON of several shapes, genuine and forged pushes; tests add a server of files."""

from __future__ import annotations

import json
import time

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract

from .inbound import Inlet
from .signature import HEADER, TOLERANCE, sign

SECRET = "canary-secret-71"


def push(**said):
    """A message as a system of yours may push it."""
    given = {
        "id": "m-1",
        "user": {"email": "Mina@customer.example", "name": "مینا"},
        "subject": "سفارش",
        "text": "کجاست؟",
    }
    return json.dumps(given | said, ensure_ascii=False).encode()


def signed(body, secret=SECRET, late=0):
    """The same with its proof."""
    return Webhook("POST", {HEADER: sign(secret, body, int(time.time()) - late)}, {}, body)


class InletContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Inlet
    settings = {"secret": SECRET, "proved": True}
    samples = [
        push(),
        push(id="m-2", user={"email": "+989121234567"}),
        push(id="m-3", user={"email": "u17"}, thread="t"),
    ]

    @property
    def forged(self):
        """Signed when they are tried: what is early now would be in time a minute later."""
        return [
            signed(push(), "another secret"),
            signed(push(), late=TOLERANCE + 60),
            signed(push(), late=-TOLERANCE - 60),
            Webhook("POST", {HEADER: f"t=1,v1={'0' * 64}"}, {}, push()),
            Webhook("POST", {}, {}, push()),
            Webhook("GET", {}, {}, b""),
        ]

    def signed(self, body):
        return signed(body)

    def message(self, text, external_id, references):
        return push(text=text, id=external_id)
