"""A stand-in of Messenger's and Instagram's Send API, from its published reference, https://developers.facebook.com/docs/
messenger-platform (pages are named beside what follows from them). ``say`` and its like play a customer; ``sent`` lists
what the page sent.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from .graph import GraphStandIn
from .server import Asked, Reply

TOKEN, APP_SECRET, PAGE = "EAAP-stand-in-page-token", "stand-in app secret", "1029384756"
QUICK, TITLE = 13, 20  # quick replies, characters; "Quick Replies"
WINDOW = 24 * 3600  # seconds; "Messenger Platform Policy", standard messaging window
TEXT = 2000  # characters; "Send API", message.text
BYTES = 1000  # of UTF-8; "Instagram Messaging", text
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")  # "Send API", messaging_type; Instagram's reference asks for none
SIZES = {"page": 25_000_000, "instagram": 8_000_000}  # bytes; "Attachment Upload API", "Instagram", image
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def refusal(status: int, code: int, message: str, subcode: int = 0) -> Reply:
    """ "Error Codes": code and error_subcode."""
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3"}
    return Reply({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


class Meta(GraphStandIn):
    """One page (``platform`` "page") or one professional account ("instagram")."""

    def __init__(self, platform: str = "page", token: str = TOKEN, app_secret: str = APP_SECRET, port: int = 0) -> None:
        super().__init__(token, app_secret, port)
        self.platform, self.page, self.subscribed = platform, PAGE, False
        self.last_word: dict[str, float] = {}
        self.attached: dict[str, list[dict[str, Any]]] = {}
        self.uploads: dict[str, str] = {}
        self.count = itertools.count(1)

    # The customer ----------------------------------------------------------------------------------------------------

    def say(self, person: str, text: str, **more: Any) -> int:
        """They write; the HTTP status of the push."""
        return self.play(person, message={"mid": self.mid(), "text": text, **more})

    def tap(self, person: str, message: dict[str, Any], title: str) -> int:
        """They tap a quick reply below a message of the page ("Quick Replies": a message with the payload)."""
        payload = next(one["payload"] for one in message["quick_replies"] if one["title"] == title)
        return self.say(person, title, quick_reply={"payload": payload})

    def show(self, person: str, kind: str = "image") -> int:
        """They send a file."""
        mid, data = self.mid(), {"image": "image_data", "video": "video_data", "audio": "audio_data"}.get(kind, "")
        where = {data: {"url": f"{self.url}/cdn/{mid}"}} if data else {"file_url": f"{self.url}/cdn/{mid}"}
        self.attached[mid] = [where]
        attachment = {"type": kind, "payload": {"url": f"{self.url}/cdn/{mid}"}}
        return self.play(person, message={"mid": mid, "attachments": [attachment]})

    def play(self, person: str, **event: Any) -> int:
        """Any event ("Webhook Events"); whoever acts opens the window."""
        self.last_word[person] = self.clock()
        head = {"sender": {"id": person}, "recipient": {"id": self.page}, "timestamp": int(self.clock() * 1000)}
        entry = {"id": self.page, "time": head["timestamp"], "messaging": [head | event]}
        return self.deliver({"object": self.platform, "entry": [entry]})

    def mid(self) -> str:
        """A message's id."""
        return f"m_{next(self.count):06}"

    def sent(self) -> list[dict[str, Any]]:
        """What the page sent, oldest first."""
        return self.taken

    # The API ---------------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        """Files need no token: their address is the proof."""
        if asked.path.startswith("/cdn/"):
            known = asked.path.removeprefix("/cdn/") in self.attached
            return Reply(PICTURE) if known else Reply(b"URL signature expired", 403)
        return super().answer(asked)

    def act(self, method: str, path: str, asked: Asked) -> Reply:
        """The edges of the reference."""
        if (method, path) == ("POST", "me/messages"):
            return self._send(asked.given)
        if (method, path) == ("POST", "me/message_attachments"):
            return self._upload(asked)
        if path == "me/subscribed_apps":
            self.subscribed = self.subscribed if method == "GET" else method == "POST"
            return Reply({"data": [{"id": "1"}] if self.subscribed else []} if method == "GET" else {"success": True})
        if (method, path) == ("GET", "me"):
            return Reply({"id": self.page, "name": "Shop"})
        if method == "GET" and path in self.attached:
            return Reply({"id": path, "attachments": {"data": self.attached[path]}})
        return self.unknown(method, path)

    def _send(self, given: dict[str, Any]) -> Reply:
        """ "Send API"."""
        person, message = str(given.get("recipient", {}).get("id", "")), given.get("message")
        if person not in self.last_word:
            return refusal(400, 100, "No matching user found", 2018001)
        if given.get("sender_action"):
            self.signals.append({"kind": given["sender_action"], "to": person})
            return Reply({"recipient_id": person})
        if not isinstance(message, dict) or self._typed(given) not in TYPES:
            return refusal(400, 100, "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
        if self.clock() - self.last_word[person] > WINDOW:
            return refusal(403, 10, "This message is sent outside of allowed window.", 2018278)
        if refused := self._unfit(message):
            return refused
        mid, text = self.mid(), str(message.get("text", ""))
        payload = message.get("attachment", {}).get("payload", {})
        file = self.uploads.get(str(payload.get("attachment_id"))) or str(payload.get("url", ""))
        self.taken.append({"text": text, "to": person, "file": file, "ids": [mid], "answers": given.get("reply_to")})
        taps = message.get("quick_replies", [])
        self.taken[-1] |= {"quick_replies": taps, "buttons": [one["title"] for one in taps]}
        self.before_answer([mid])
        return Reply({"recipient_id": person, "message_id": mid})

    def _typed(self, given: dict[str, Any]) -> Any:
        return given.get("messaging_type", "RESPONSE" if self.platform == "instagram" else None)

    def _unfit(self, message: dict[str, Any]) -> Reply | None:
        text, attachment = message.get("text"), message.get("attachment")
        if (text is None) == (attachment is None):
            return refusal(400, 100, "Message must contain either text or an attachment")
        if text is not None and (not text or len(text) > TEXT):
            return refusal(400, 100, "Length of param message[text] must be less than or equal to 2000")
        if text is not None and self.platform == "instagram" and len(text.encode()) > BYTES:
            return refusal(400, 100, "Length of message must be less than or equal to 1000 bytes")
        taps = message.get("quick_replies", [])
        if len(taps) > QUICK or not all(0 < len(str(one.get("title", ""))) <= TITLE for one in taps):
            return refusal(400, 100, f"Quick replies: at most {QUICK}, titles of at most {TITLE} characters")
        if any(one.get("content_type") != "text" or not one.get("payload") for one in taps):
            return refusal(400, 100, "Param message[quick_replies][0][payload] is required")
        payload = attachment.get("payload", {}) if attachment else {}
        if attachment and "url" not in payload and str(payload.get("attachment_id")) not in self.uploads:
            return refusal(400, 100, "Invalid attachment_id", 2018074)
        return None

    def _upload(self, asked: Asked) -> Reply:
        """ "Attachment Upload API": a file, or the address of one."""
        given = asked.given.get("message", {})
        attachment = (json.loads(given) if isinstance(given, str) else given).get("attachment", {})
        if "filedata" not in asked.files and "url" in attachment.get("payload", {}):
            return self._uploaded(attachment["payload"]["url"])
        name, kind, content = asked.files.get("filedata", ("", "", b""))
        main = kind.partition("/")[0]
        if attachment.get("type") != (main if main in ("image", "video", "audio") else "file"):
            return refusal(400, 100, "The type of file does not match the attachment", 2018047)
        if len(content) > SIZES[self.platform]:
            return refusal(400, 100, "Attachment size exceeds allowable limit", 2018047)
        return self._uploaded(name)

    def _uploaded(self, name: str) -> Reply:
        known = str(500 + len(self.uploads))
        self.uploads[known] = name
        return Reply({"attachment_id": known})
