"""A stand-in of WhatsApp's Cloud API, from its published reference, https://developers.facebook.com/docs/whatsapp/
cloud-api (pages and sections are named beside what follows from them).

``say`` and its like play a customer, ``report`` what becomes of a message; ``sent`` lists what the business sent.
"""

from __future__ import annotations

import itertools
from typing import Any

from .graph import GraphStandIn, refusal
from .server import Asked, Reply
from .whatsapp_rules import DOWNLOAD, KINDS, PLACE, SIZES, TEMPLATES, TITLES, WINDOW, unfit

TOKEN, APP_SECRET, NUMBER, BUSINESS = "EAAG-stand-in-token", "stand-in app secret", "106540352242922", "102290129340398"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class WhatsApp(GraphStandIn):
    """One number of a business. ``people`` are {number: name} of those who have WhatsApp."""

    def __init__(self, token: str = TOKEN, app_secret: str = APP_SECRET, number: str = NUMBER, port: int = 0) -> None:
        super().__init__(token, app_secret, port)
        self.number, self.business = number, BUSINESS
        self.people: dict[str, str] = {}
        self.last_word: dict[str, float] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.links: dict[str, float] = {}
        self.messages: list[dict[str, Any]] = []
        self.reacted: list[dict[str, Any]] = []
        self.said: set[str] = set()
        self.known_templates = [dict(one) for one in TEMPLATES]
        self.valid = DOWNLOAD
        self.count = itertools.count(1)

    # The customer ----------------------------------------------------------------------------------------------------

    def say(self, person: str, text: str, name: str = "Mina", **more: Any) -> int:
        """They write; the HTTP status of the push."""
        return self.play(person, "text", {"body": text}, name, **more)

    def play(self, person: str, kind: str, content: Any, name: str = "Mina", **more: Any) -> int:
        """Any message ("Webhooks", messages object): opens the window ("Customer service windows")."""
        self.people.setdefault(person, name)
        self.last_word[person] = self.clock()
        head = {"from": person, "id": f"wamid.{next(self.count):06}IN", "timestamp": str(int(self.clock()))}
        message = {**head, "type": kind, kind: content, **more}
        self.said.add(head["id"])
        return self.deliver(self.update("messages", message, person))

    def know(self, ids: list[str]) -> None:
        """Messages of people that did not come from here."""
        self.said.update(ids)

    def tap(self, person: str, message: dict[str, Any], title: str) -> int:
        """They tap a reply button below a message of the business ("Interactive reply buttons", webhook)."""
        replies = [one["reply"] for one in message["interactive"]["action"]["buttons"]]
        chosen = next(one for one in replies if one["title"] == title)
        content = {"type": "button_reply", "button_reply": chosen}
        return self.play(person, "interactive", content, context={"from": self.number, "id": message["id"]})

    def report(self, known: str, state: str, code: int = 0, mark: str = "") -> int:
        """What became of a message ("Webhooks", statuses object): sent, delivered, read, failed with its code."""
        person = next((m["to"] for m in self.messages if m["id"] == known), "")
        status: dict[str, Any] = {"id": known, "status": state, "timestamp": str(int(self.clock()))}
        status |= {"recipient_id": person} | ({"biz_opaque_callback_data": mark} if mark else {})
        if code:
            title = TITLES.get(code, "Message failed")
            status["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
        return self.deliver(self.update("statuses", status, person))

    def update(self, name: str, content: dict[str, Any], person: str) -> dict[str, Any]:
        """ "Webhooks", notification payload object."""
        contact = {"profile": {"name": self.people.get(person, "")}, "wa_id": person, "user_id": f"IR.{person}"}
        metadata = {"display_phone_number": "982100000000", "phone_number_id": self.number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], name: [content]}
        entry = {"id": self.business, "changes": [{"value": value, "field": "messages"}]}
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def upload(self, content: bytes = PICTURE, kind: str = "image/png") -> str:
        """A file of theirs: the id by which it is named."""
        known = str(900 + len(self.media))
        self.media[known] = (kind, content)
        return known

    def sent(self) -> list[dict[str, Any]]:
        """What the business sent, oldest first."""
        return self.messages

    # The API ---------------------------------------------------------------------------------------------------------

    def act(self, method: str, path: str, asked: Asked) -> Reply:
        """The edges and objects of the reference."""
        if (method, path) == ("POST", f"{self.number}/messages"):
            return self._message(asked.given)
        if (method, path) == ("POST", f"{self.number}/media"):
            return self._upload(asked)
        if (method, path) == ("GET", self.number):
            known = {"verified_name": "Shop", "display_phone_number": "+98 21 0000 0000", "quality_rating": "GREEN"}
            return Reply({**known, "id": self.number})
        if (method, path) == ("GET", f"{self.business}/message_templates"):
            wanted = asked.given.get("name", "")
            found = [one for one in self.known_templates if wanted in ("", one["name"])]
            summary = {"total_count": len(found), "message_template_count": len(self.known_templates)}
            summary |= {"message_template_limit": 250, "are_translations_complete": True}
            return Reply({"data": found, "paging": {}, "summary": summary})
        if (method, path) == ("GET", "debug_token"):
            scope = {"scope": "whatsapp_business_management", "target_ids": [self.business]}
            return Reply({"data": {"is_valid": True, "granular_scopes": [scope]}})
        if method == "GET" and path.startswith("download/"):
            return self._download(path.removeprefix("download/"))
        if method == "GET" and path in self.media:
            return self._link(path)
        return self.unknown(method, path)

    def _message(self, given: dict[str, Any]) -> Reply:
        """ "Messages": accepted means neither sent nor delivered; what is wrong with the recipient or the window comes
        later, as a status.
        """
        kind, to = str(given.get("type", "text")), str(given.get("to") or given.get("recipient") or "")
        if given.get("messaging_product") != "whatsapp":
            return refusal(400, 100, "The parameter messaging_product is required.")
        if not to:
            return refusal(400, 131008, "Required parameter is missing", "Parameter 'to' is required")
        if (refused := unfit(kind, given, self.media, self.known_templates)) is not None:
            return refused
        known = f"wamid.{next(self.count):06}OUT"
        if kind == "reaction":
            return self._react(given["reaction"], to, known)
        content, text = given[kind], self._text(kind, given[kind])
        message = {"id": known, "to": to, "type": kind, kind: content, "text": text}
        self.messages.append(message | {"context": given.get("context")})
        self.taken.append({"text": text, "to": to, "type": kind, "ids": [known], "context": given.get("context")})
        if kind == "template":
            self.taken[-1]["template"] = content
        if kind == "interactive":
            self.taken[-1]["buttons"] = [one["reply"]["title"] for one in content["action"]["buttons"]]
        self.before_answer([known])
        self._become(known, to, kind, str(given.get("biz_opaque_callback_data", "")))
        contacts = [{"input": to, "wa_id": to}]
        return Reply({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": known}]})

    def _become(self, known: str, to: str, kind: str, mark: str) -> None:
        """ "Error codes": 131026 for a number without WhatsApp, 131047 outside the window."""
        person = to.removeprefix("IR.")
        if person not in self.people:
            self.report(known, "failed", 131026, mark)
        elif kind != "template" and self.clock() - self.last_word.get(person, 0) > WINDOW:
            self.report(known, "failed", 131047, mark)

    def _text(self, kind: str, content: dict[str, Any]) -> str:
        if kind == "template":
            texts = [c["text"] for t in self.known_templates if t["name"] == content["name"] for c in t["components"]]
            values = iter([p["text"] for c in content.get("components", []) for p in c["parameters"]])
            return PLACE.sub(lambda place: next(values, ""), "\n".join(texts))
        if kind == "interactive":
            return str(content["body"]["text"])
        return str(content.get("body") or content.get("caption") or "")

    def _react(self, content: dict[str, Any], to: str, known: str) -> Reply:
        """ "Reaction messages": at a message of the other's, an empty emoji takes it back."""
        if content.get("message_id") not in self.said:
            return refusal(400, 131009, "Parameter value is not valid", "Message ID is not valid")
        self.reacted.append({"message_id": content["message_id"], "emoji": content.get("emoji", "")})
        contacts = [{"input": to, "wa_id": to}]
        return Reply({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": known}]})

    def _upload(self, asked: Asked) -> Reply:
        """ "Media", upload: the type must be one that is supported, the size below its limit."""
        name, kind, content = asked.files.get("file", ("", "", b""))
        if asked.given.get("messaging_product") != "whatsapp" or not name:
            return refusal(400, 100, "The parameter messaging_product is required.")
        group = KINDS.get(kind)
        if group is None:
            return refusal(400, 100, "Param file must be a file with one of the following types: " + ", ".join(KINDS))
        if len(content) > SIZES[group]:
            return refusal(400, 131053, "Media upload error", "The file is too large")
        return Reply({"id": self.upload(content, kind)})

    def _link(self, known: str) -> Reply:
        """ "Media", retrieve: an address that is good for five minutes."""
        self.links[known] = self.clock() + self.valid
        kind, content = self.media[known]
        found = {"url": f"{self.url}/download/{known}", "mime_type": kind, "sha256": "0" * 64, "id": known}
        return Reply({"messaging_product": "whatsapp", "file_size": len(content), **found})

    def _download(self, known: str) -> Reply:
        """ "Media", download: 404 once the address is too old."""
        if self.links.get(known, 0) < self.clock():
            return Reply(b"", 404)
        return Reply(self.media[known][1], headers={"Content-Type": self.media[known][0]})
