"""What a webhook of the Cloud API says, in the desk's normal form.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components. A person is known by the telephone number
(``wa_id``) or, where it is kept back, by an id made for this business alone (``user_id``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from helpdesk.api.channels import Address, Deleted, Edited, File, Inbound, Outcome, Reaction, Report
from helpdesk.api.errors import Invalid, Malformed, _
from helpdesk.api.text import phone_number

from . import reading

PHONE, USER = "phone", "whatsapp"
MEDIA = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "audio": "audio.ogg",
    "document": "document",
    "sticker": "sticker.webp",
}
STATES = {"delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
NO_FILE = _("WhatsApp could not hand over a file of this message.")
Node = Mapping[str, Any]
Why = Callable[[int, str], str]


def values(update: Node, phone_number_id: str) -> Iterator[dict[str, Any]]:
    """The ``value`` objects that concern this number: an app may have several, and one webhook for all."""
    if update.get("object") != "whatsapp_business_account":
        raise Malformed(_("This is not the JSON we expect."))
    for entry in reading.rows(update, "entry"):
        for change in reading.rows(entry, "changes"):
            value = reading.part(change, "value")
            if reading.text(reading.part(value, "metadata"), "phone_number_id") == phone_number_id:
                yield value


def apart(update: Node, phone_number_id: str) -> Iterator[tuple[str, str, bytes]]:
    """(id, conversation, bytes) of each message and each status, so that every one is stored for itself."""
    for value in values(update, phone_number_id):
        shared = {name: value[name] for name in ("metadata", "contacts", "errors") if name in value}
        for name in ("messages", "statuses"):
            for one in reading.rows(value, name):
                known, state = reading.text(one, "id", 300), reading.text(one, "status", 20)
                whom = reading.text(one, "from", 60) or reading.text(one, "recipient_id", 60)
                part = {"object": update["object"], "entry": [{"changes": [{"value": {**shared, name: [one]}}]}]}
                yield f"{known}:{state}" if state else known, whom, json.dumps(part, ensure_ascii=False).encode()


def events(update: Node, phone_number_id: str, why: Why) -> list[Inbound | Edited | Deleted | Reaction | Report]:
    """Everything a webhook says; ``why`` explains an error code."""
    found: list[Inbound | Edited | Deleted | Reaction | Report] = []
    for value in values(update, phone_number_id):
        contacts = reading.rows(value, "contacts")
        found += [_said(one, contacts) for one in reading.rows(value, "messages")]
        found += [_reported(one, why) for one in reading.rows(value, "statuses")]
    return found


def _said(message: Node, contacts: list[dict[str, Any]]) -> Inbound | Edited | Deleted | Reaction:
    kind, person, others = reading.text(message, "type", 40), *_who(message, contacts)
    at, body = reading.moment(message, "timestamp"), reading.part(message, kind)
    if kind == "reaction":
        return Reaction(reading.text(body, "message_id", 300), person, reading.text(body, "emoji", 40), at=at)
    if kind == "revoke":
        return Deleted(reading.text(body, "original_message_id", 300), person, at=at)
    if kind == "edit":
        new = reading.part(body, "message")
        known = reading.text(body, "original_message_id", 300)
        return Edited(known, _text(new), sender=person, at=at)
    text, files, context = _text(message), _files(message), reading.part(message, "context")
    if not reading.text(message, "id", 300):
        raise Malformed(_("A message needs an id and a sender."))
    remarks = [] if text or files else [reading.UNKNOWN]
    remarks += [NO_FILE] if reading.rows(message, "errors") and kind in MEDIA else []
    answered = reading.text(context, "id", 300)
    return Inbound(
        person,
        text=text,
        at=at,
        files=files,
        thread=person.value,
        external_id=reading.text(message, "id", 300),
        identities=others,
        references=[answered] if answered else [],
        authentic=True,
        remarks=remarks,
        details=_details(message),
    )


def _who(message: Node, contacts: list[dict[str, Any]]) -> tuple[Address, list[Address]]:
    """The sender, by number where it is told, and their further addresses."""
    number = reading.text(message, "from", 40)
    of_theirs = (c for c in contacts if not number or reading.text(c, "wa_id", 40) in ("", number))
    contact = next(of_theirs, {})
    name = reading.text(reading.part(contact, "profile"), "name", 200)
    user = reading.text(message, "from_user_id", 200) or reading.text(contact, "user_id", 200)
    known = [Address(USER, user, name)] if user else []
    if number.isascii() and number.isdecimal():
        try:
            return Address(PHONE, phone_number(f"+{number}"), name), known
        except Invalid:
            return Address(PHONE, f"+{number}", name), known
    if not known:
        raise Malformed(_("A message needs an id and a sender."))
    return known[0], []


def _text(message: Node) -> str:
    """The words of any kind of message; a place and a card in words."""
    kind = reading.text(message, "type", 40)
    body = reading.part(message, kind)
    if kind == "contacts":
        return "\n".join(map(_card, reading.rows(message, "contacts")))
    if kind == "location":
        place = [reading.text(body, "name"), reading.text(body, "address"), reading.point(body)]
        return "\n".join(filter(None, place))
    if kind == "interactive":
        chosen = reading.part(body, "button_reply") or reading.part(body, "list_reply")
        flow = reading.text(reading.part(body, "nfm_reply"), "response_json")
        return "\n".join(filter(None, (reading.text(chosen, "title"), reading.text(chosen, "description"), flow)))
    if kind == "order":
        items = reading.rows(body, "product_items")
        lines = [f"{reading.text(one, 'quantity')} × {reading.text(one, 'product_retailer_id')}" for one in items]
        return "\n".join(filter(None, [reading.text(body, "text"), *lines]))
    return reading.text(body, {"text": "body", "button": "text"}.get(kind, "caption"))


def _card(card: Node) -> str:
    numbers = [reading.text(one, "phone", 60) for one in reading.rows(card, "phones")]
    mails = [reading.text(one, "email", 200) for one in reading.rows(card, "emails")]
    return " ".join(filter(None, [reading.text(reading.part(card, "name"), "formatted_name"), *numbers, *mails]))


def _files(message: Node) -> list[File]:
    kind = reading.text(message, "type", 40)
    body = reading.part(message, kind)
    if kind not in MEDIA or not reading.text(body, "id", 200):
        return []
    media = reading.text(body, "mime_type", 100).partition(";")[0] or "application/octet-stream"
    name = reading.text(body, "filename", 200) or MEDIA[kind]
    return [File(name, media, ref={"media": reading.text(body, "id", 200)})]


def _details(message: Node) -> dict[str, Any]:
    button = reading.part(message, "button")
    chosen = reading.part(message, "interactive", "button_reply") or reading.part(message, "interactive", "list_reply")
    given = {
        "button": reading.text(button, "payload", 200) or reading.text(chosen, "id", 200),
        "forwarded": reading.part(message, "context").get("forwarded") is True,
        "advertisement": reading.text(reading.part(message, "referral"), "source_url", 500),
    }
    return {name: value for name, value in given.items() if value}


def _reported(status: Node, why: Why) -> Report:
    """What became of a message: our own mark comes back with it, in case its answer was lost."""
    state = STATES.get(reading.text(status, "status", 20), "")
    known, mark = reading.text(status, "id", 300), reading.text(status, "biz_opaque_callback_data", 300)
    error = next(iter(reading.rows(status, "errors")), {})
    words = reading.text(reading.part(error, "error_data"), "details", 300) or reading.text(error, "title", 300)
    text = why(reading.size(error, "code"), words) if state == "failed" else ""
    outcomes = [Outcome(Address(PHONE, ""), state, text=text)] if state else []
    references = [one for one in (mark, known) if one]
    at = reading.moment(status, "timestamp")
    return Report(outcomes, references, text=text, at=at, external_ids=[known] if known else [])
