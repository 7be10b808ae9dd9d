"""The proofs of the WhatsApp channel: webhooks of the Cloud API, genuine and forged; tests add a stand-in."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract

from ..graph import SIGNATURE
from ..whatsapp import WhatsApp

NUMBER, MINA = "106540352242922", "989121234567"
TOKEN, APP_SECRET, VERIFY = "EAAG-canary-token-7f3", "canary-app-secret-1", "canary-verify-token"


def update(name: str, content: dict[str, Any], number: str = NUMBER) -> bytes:
    """A webhook with one message or one status."""
    metadata = {"display_phone_number": "982100000000", "phone_number_id": number}
    contact = {"profile": {"name": "مینا"}, "wa_id": MINA, "user_id": "IR.13491208655302741918"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], name: [content]}
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, ensure_ascii=False).encode()


def message(kind: str, content: Any, known: str = "wamid.1", **more: Any) -> bytes:
    """A message as it is pushed."""
    head = {"from": MINA, "id": known, "timestamp": "1790000000", "type": kind}
    return update("messages", {**head, kind: content, **more})


def signed(body: bytes, secret: str = APP_SECRET) -> Webhook:
    """The same with its proof."""
    proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Webhook("POST", {SIGNATURE: f"sha256={proof}"}, {}, body)


class WhatsAppContract(ChannelContract):
    """What every channel must keep, for a number of WhatsApp."""

    channel = WhatsApp
    settings = {
        "phone_number_id": NUMBER,
        "access_token": TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY,
        "base_url": "http://127.0.0.1:9/v23.0",
    }
    samples = [
        message("text", {"body": "سلام"}, context={"from": "982100000000", "id": "wamid.0"}),
        message("image", {"id": "900", "mime_type": "image/png", "sha256": "x", "caption": "این"}, "wamid.2"),
        message("reaction", {"message_id": "wamid.0", "emoji": "❤"}, "wamid.3"),
        message("something_new", {"a": 1}, "wamid.4"),
    ]
    forged = [
        signed(samples[0], "another secret"),
        Webhook("POST", {}, {}, samples[0]),
        Webhook("GET", {}, {"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "1"}, b""),
    ]

    def signed(self, body):
        return signed(body)

    def message(self, text, external_id, references):
        answered = {"context": {"from": "982100000000", "id": references[0]}} if references else {}
        return message("text", {"body": text}, external_id, **answered)

    def edited(self, external_id, text):
        new = {"type": "text", "text": {"body": text}}
        return message("edit", {"original_message_id": external_id, "message": new}, f"{external_id}-edit")

    def deleted(self, external_id):
        return message("revoke", {"original_message_id": external_id}, f"{external_id}-revoke")

    def reacted(self, external_id, emoji):
        return message("reaction", {"message_id": external_id, "emoji": emoji}, f"{external_id}-reaction")

    def reported(self, external_id, state):
        title = "Message undeliverable"
        failed = {"errors": [{"code": 131026, "title": title, "message": title}]} if state == "failed" else {}
        head = {"id": external_id, "status": state, "timestamp": "1790000100", "recipient_id": MINA}
        return update("statuses", {**head, **failed})
