"""A chat for the bench: what is posted to it is one message as JSON ({id, who, text}), and somebody waits for the answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from helpdesk.api import hookimpl
from helpdesk.api.channels import Address, Channel, Inbound, RawMessage, Received, Sent

API = "1"


class BenchChat(Channel):
    """Believes everybody: it is never reached from outside."""

    name, label, address, interactive = "benchchat", "Chat", "handle", True

    def receive(self, webhook):
        """One message."""
        said = json.loads(webhook.body)
        return Received([RawMessage(said["id"], webhook.body, datetime.now(UTC), conversation=said["who"])])

    def parse(self, raw_message):
        """Who says what."""
        said = json.loads(raw_message.raw)
        sender = Address("handle", said["who"], said["who"])
        return Inbound(sender=sender, text=said["text"], external_id=said["id"], thread=said["who"])

    def send(self, outbound):
        """Nobody is there."""
        return Sent(detail="sent")


@hookimpl
def register_channels():
    """The chat alone."""
    return [BenchChat]
