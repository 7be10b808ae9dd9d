"""The proofs of the Telegram channel: updates as the Bot API pushes them, genuine and forged; tests add a stand-in."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import Any

from helpdesk.api.channels import Webhook
from helpdesk.api.errors import Malformed, Refused
from helpdesk.testing import ChannelContract, raising

from ..telegram import HEADER, Telegram

TOKEN = "110201543:canary-token-7f3"  # of no real bot
MINA = {"id": 77, "is_bot": False, "first_name": "مینا", "last_name": "احمدی", "language_code": "fa"}
CHAT = {"id": 77, "type": "private", "first_name": "مینا"}


def message(text: str = "", number: int = 5, **parts: Any) -> dict[str, Any]:
    """An object "Message"."""
    words = {"text": text} if text else {}
    return {"message_id": number, "from": MINA, "chat": CHAT, "date": 1_790_000_000, **words, **parts}


def update(**content: Any) -> bytes:
    """An update of its own number."""
    number = zlib.crc32(json.dumps(content, sort_keys=True).encode())
    return json.dumps({"update_id": number, **content}, ensure_ascii=False).encode()


def numbered(external_id: str) -> int:
    """The number of a message in its chat: the one of our form, or one for any other name."""
    chat, _colon, number = external_id.rpartition(":")
    return int(number) if chat else zlib.crc32(external_id.encode())


class TelegramContract(ChannelContract):
    """What every channel must keep, for a bot."""

    channel = Telegram
    thread = "77"
    settings = {"token": TOKEN, "base_url": "http://127.0.0.1:9"}
    photo = [
        {"file_id": "small", "file_unique_id": "a", "width": 90, "height": 90, "file_size": 900},
        {"file_id": "file-photo-0", "file_unique_id": "b", "width": 900, "height": 900, "file_size": 9000},
    ]
    samples = [
        update(message=message("سلام", reply_to_message=message("?", 4))),
        update(message=message(number=6, photo=photo, caption="این", media_group_id="12")),
        update(edited_message=message("سلام!", 5, edit_date=1_790_000_100)),
        update(message=message(number=7, location={"latitude": 35.7, "longitude": 51.4})),
        update(message=message(number=8, something_new={"a": 1})),
    ]
    forged = [Webhook("POST", {}, {}, samples[0]), Webhook("POST", {HEADER: "guess"}, {}, samples[0])]

    def signed(self, body):
        return Webhook("POST", {HEADER: self.channel(self.view())._proof}, {}, body)

    def test_an_altered_push_is_refused(self):
        """The API signs no body: its secret is what proves a push, so every letter of that counts."""
        genuine = self.signed(self.samples[0])
        secret = genuine.headers[HEADER]
        for place in range(len(secret)):
            altered = secret[:place] + ("x" if secret[place] != "x" else "y") + secret[place + 1 :]
            with raising(Refused, Malformed):
                self.channel(self.view()).receive(replace(genuine, headers={HEADER: altered}))

    def message(self, text, external_id, references):
        answered = {"reply_to_message": message("?", numbered(references[0]))} if references else {}
        return update(message=message(text, numbered(external_id), **answered))

    def edited(self, external_id, text):
        return update(edited_message=message(text, numbered(external_id), edit_date=1_790_000_100))

    def deleted(self, external_id):
        given = {"business_connection_id": "", "chat": CHAT, "message_ids": [numbered(external_id)]}
        return update(deleted_business_messages=given)

    def reacted(self, external_id, emoji):
        given = {"chat": CHAT, "message_id": numbered(external_id), "user": MINA, "date": 1_790_000_100}
        return update(
            message_reaction={**given, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": emoji}]}
        )
