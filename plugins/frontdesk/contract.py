"""The proofs of the front desk channel: numbers as the kiosk hands them over."""

from __future__ import annotations

import json

from helpdesk.testing import ChannelContract

from .channel import FrontDesk


def number(**said):
    """A number as the kiosk hands it over."""
    given = {"visit": 1, "number": 17, "topic": "Return something | بازگرداندن کالا", "language": "fa"}
    return json.dumps(given | said, ensure_ascii=False).encode()


class FrontDeskContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = FrontDesk
    settings = {}
    samples = [number(), number(visit=2, number=18, language="en")]

    def message(self, text, external_id, references):
        return number(visit=external_id, topic=text)
