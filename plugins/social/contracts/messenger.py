"""The proofs of Messenger and Instagram: their events, genuine and forged; tests add a stand-in."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract

from ..graph import SIGNATURE
from ..messenger import Instagram, Messenger

PAGE, MINA = "1029384756", "7700112233"
TOKEN, APP_SECRET, VERIFY = "EAAP-canary-token-7f3", "canary-app-secret-2", "canary-verify-token"


def event(**content: Any) -> bytes:
    """An event as it is stored."""
    head = {"sender": {"id": MINA}, "recipient": {"id": PAGE}, "timestamp": 1_790_000_000_000}
    return json.dumps({**head, **content}, ensure_ascii=False).encode()


def said(mid: str, text: str, **more: Any) -> bytes:
    """A message."""
    return event(message={"mid": mid, "text": text, **more})


def webhook(platform: str, *events: bytes, page: str = PAGE, secret: str = APP_SECRET) -> Webhook:
    """Events as they are pushed, with their proof."""
    entry = {"id": page, "time": 1, "messaging": [json.loads(one) for one in events]}
    body = json.dumps({"object": platform, "entry": [entry]}).encode()
    proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Webhook("POST", {SIGNATURE: f"sha256={proof}"}, {}, body)


class MessengerContract(ChannelContract):
    """What every channel must keep, for a page."""

    channel = Messenger
    thread = MINA
    settings = {
        "page_id": PAGE,
        "access_token": TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY,
        "base_url": "http://127.0.0.1:9/v23.0",
    }
    samples = [
        said("m_1", "سلام", reply_to={"mid": "m_0"}),
        event(message={"mid": "m_2", "attachments": [{"type": "image", "payload": {"url": "https://cdn.example/1"}}]}),
        event(postback={"mid": "m_3", "title": "شروع", "payload": "GET_STARTED"}),
        event(something_new={"a": 1}),
    ]
    forged = [
        webhook("page", samples[0], secret="another secret"),
        Webhook("POST", {}, {}, samples[0]),
        Webhook("GET", {}, {"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "1"}, b""),
    ]

    def signed(self, body):
        return webhook(self.channel.platform, body)

    def message(self, text, external_id, references):
        return said(external_id, text, **({"reply_to": {"mid": references[0]}} if references else {}))

    def edited(self, external_id, text):
        return event(message_edit={"mid": external_id, "text": text, "num_edit": 1})

    def deleted(self, external_id):
        return event(message={"mid": external_id, "is_deleted": True})

    def reacted(self, external_id, emoji):
        return event(reaction={"mid": external_id, "action": "react", "reaction": "like", "emoji": emoji})

    def reported(self, external_id, state):
        named = {
            "delivered": {"delivery": {"mids": [external_id], "watermark": 1}},
            "read": {"read": {"mid": external_id}},
        }
        return event(**named[state]) if state in named else None


class InstagramContract(MessengerContract):
    """The same for a professional account."""

    channel = Instagram
    forged = [webhook("instagram", MessengerContract.samples[0], secret="another"), *MessengerContract.forged[1:]]
