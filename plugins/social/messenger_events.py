"""What a webhook of Messenger or Instagram says, in the desk's normal form.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events and
https://developers.facebook.com/docs/instagram-platform/webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from helpdesk.api.channels import Address, Deleted, Edited, File, Inbound, Outcome, Reaction, Report
from helpdesk.api.errors import Malformed, _

from . import reading

TYPES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "ig_reel": "video/mp4",
    "reel": "video/mp4",
}
ENDS = {"image/jpeg": "photo.jpg", "video/mp4": "video.mp4", "audio/mpeg": "audio.mp3"}
FETCHED = {"image", "video", "audio", "file"}
STORY = _("This answers a story of ours; the story itself is seen in the app alone.")
Node = Mapping[str, Any]
Said = Inbound | Edited | Deleted | Reaction | Report


def apart(update: Node, platform: str, page: str) -> Iterator[tuple[str, str, bytes]]:
    """(id, conversation, bytes) of each event of this page, so that every one is stored for itself."""
    if update.get("object") != platform:
        raise Malformed(_("This is not the JSON we expect."))
    for entry in reading.rows(update, "entry"):
        if reading.text(entry, "id", 100) == page:
            for one in reading.rows(entry, "messaging"):
                whom = reading.text(reading.part(one, "sender"), "id", 100)
                yield _name(one), whom, json.dumps(one, ensure_ascii=False).encode()


def _name(one: Node) -> str:
    """An id of the event itself; "" where it has none and its bytes must do."""
    message = reading.part(one, "message")
    known = reading.text(message, "mid", 190) or reading.text(reading.part(one, "postback"), "mid", 190)
    return f"{known}-deleted" if message.get("is_deleted") is True else known


def events(one: Node, kind: str) -> list[Said]:
    """What one event says; the account's own words come back as an echo and say nothing new."""
    message = reading.part(one, "message")
    if message.get("is_echo") is True:
        return []
    person = _who(one, kind)
    at = _moment(one)
    for name, read in READERS.items():
        if name in one:
            return read(reading.part(one, name), person, at)
    if message.get("is_deleted") is True:
        return [Deleted(reading.text(message, "mid", 300), person, at=at)]
    if message:
        return [_message(message, person, at)]
    return [Inbound(person, at=at, thread=person.value, remarks=[reading.UNKNOWN], authentic=True)]


def _who(one: Node, kind: str) -> Address:
    value = reading.text(reading.part(one, "sender"), "id", 100)
    if not value:
        raise Malformed(_("A message needs an id and a sender."))
    return Address(kind, value)


def _moment(one: Node) -> datetime | None:
    seconds = reading.size(one, "timestamp") / 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < reading.LAST else None


def _message(message: Node, person: Address, at: datetime | None) -> Inbound:
    known, answered = reading.text(message, "mid", 300), reading.part(message, "reply_to")
    if not known:
        raise Malformed(_("A message needs an id and a sender."))
    files, lines = _attached(message, known)
    text = "\n".join(filter(None, [reading.text(message, "text"), *lines]))
    replied = reading.text(answered, "mid", 300)
    remarks = [] if text or files else [reading.UNKNOWN]
    button = reading.text(reading.part(message, "quick_reply"), "payload", 1000)
    return Inbound(
        person,
        text=text,
        at=at,
        files=files,
        thread=person.value,
        external_id=known,
        references=[replied] if replied else [],
        authentic=True,
        remarks=remarks + ([STORY] if reading.part(answered, "story") else []),
        details={"button": button} if button else {},
    )


def _attached(message: Node, known: str) -> tuple[list[File], list[str]]:
    """Files by the number they have in their message, since their addresses end; and in words what is no file."""
    files, lines = [], []
    for number, one in enumerate(reading.rows(message, "attachments")):
        kind, payload = reading.text(one, "type", 40), reading.part(one, "payload")
        place = reading.part(payload, "coordinates")
        if kind in FETCHED:
            media = TYPES.get(kind, "application/octet-stream")
            name = reading.text(one, "name", 200) or ENDS.get(media, "file")
            files.append(File(name, media, ref={"message": known, "number": number}))
        elif place:
            lines.append(reading.point(place, ("lat", "long")))
        else:
            lines += filter(None, [reading.text(one, "title", 500), reading.text(payload, "url", 1000)])
    return files, lines


def _postback(postback: Node, person: Address, at: datetime | None) -> list[Said]:
    """A button: its label is what they say."""
    payload, known = reading.text(postback, "payload", 1000), reading.text(postback, "mid", 300)
    text, details = reading.text(postback, "title") or payload, {"button": payload}
    said = Inbound(person, text, at=at, thread=person.value, external_id=known, authentic=True, details=details)
    said.fingerprint = str(at) if not known else ""
    return [said]


def _reaction(reaction: Node, person: Address, at: datetime | None) -> list[Said]:
    emoji = reading.text(reaction, "emoji", 40) or reading.text(reaction, "reaction", 40)
    gone = reading.text(reaction, "action", 20) == "unreact"
    return [Reaction(reading.text(reaction, "mid", 300), person, "" if gone else emoji, at=at)]


def _edit(edit: Node, person: Address, at: datetime | None) -> list[Said]:
    return [Edited(reading.text(edit, "mid", 300), reading.text(edit, "text"), sender=person, at=at)]


def _delivered(delivery: Node, person: Address, at: datetime | None) -> list[Said]:
    mids = delivery.get("mids")
    known = [one for one in mids if isinstance(one, str)][: reading.MANY] if isinstance(mids, list) else []
    return [Report([Outcome(Address(person.kind, ""), "delivered")], references=[one], at=at) for one in known]


def _read(read: Node, person: Address, at: datetime | None) -> list[Said]:
    """Instagram names the message; Messenger only a moment, which says too little."""
    known = reading.text(read, "mid", 300)
    return [Report([Outcome(Address(person.kind, ""), "read")], references=[known], at=at)] if known else []


READERS = {"postback": _postback, "reaction": _reaction, "message_edit": _edit, "delivery": _delivered, "read": _read}
