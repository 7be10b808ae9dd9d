"""What an update of the Bot API says ("Update" and "Message" of its reference), in the desk's normal form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.api.channels import TOKEN_SHAPE, Address, Deleted, Edited, File, Inbound, Reaction
from helpdesk.api.errors import Invalid, Malformed, _
from helpdesk.api.text import phone_number

from . import reading

KINDS = [
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
]
FILES = {  # the part of a message: (a name for it, its type where none is given)
    "animation": ("animation.mp4", "video/mp4"),
    "document": ("document", "application/octet-stream"),
    "video": ("video.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video_note": ("video.mp4", "video/mp4"),
}
GROUP = _("This was written in a group: everybody there reads an answer.")
Node = Mapping[str, Any]


def number(update: Node) -> str:
    """The update's own number, the same when it is pushed again."""
    found = reading.text(update, "update_id")
    if not found:
        raise Malformed(_("This is no update of a bot."))
    return found


def conversation(update: Node) -> str:
    """The thread an update belongs to, found cheaply."""
    body = _body(update)[1]
    return _thread(reading.part(body, "message") or body)


def events(update: Node, kind: str, network: str) -> list[Inbound | Edited | Deleted | Reaction]:
    """What an update says; ``network`` names a messenger whose ids are its own."""
    number(update)
    reader = _Reader(kind, network)
    name, body = _body(update)
    if name in ("message", "business_message"):
        return reader.message(body)
    if name in ("edited_message", "edited_business_message"):
        return reader.edited(body)
    if name == "deleted_business_messages":
        ids = body.get("message_ids")
        known = [one for one in ids if isinstance(one, int)][: reading.MANY] if isinstance(ids, list) else []
        return [Deleted(f"{_thread(body)}:{one}", thread=_thread(body)) for one in known]
    read = {"callback_query": reader.pressed, "message_reaction": reader.reaction}.get(name, reader.unknown)
    return [read(body)]


def _body(update: Node) -> tuple[str, dict[str, Any]]:
    name = next((kind for kind in KINDS if kind in update), "")
    name = name or next((key for key, value in update.items() if isinstance(value, dict)), "")
    return name, reading.part(update, name)


def _thread(message: Node) -> str:
    """The chat; a chat of a business account is another one than the bot's own with the same person."""
    chat = reading.text(reading.part(message, "chat"), "id")
    connection = reading.text(message, "business_connection_id", 100)
    return f"{chat}@{connection}" if chat and connection else chat


class _Reader:
    """Reads updates of one account."""

    def __init__(self, kind: str, network: str):
        self.kind, self.network = kind, network

    def who(self, user: Node) -> Address:
        """The person behind an object "User" or "Chat"; Malformed when it is nobody."""
        value = reading.text(user, "id")
        names = [reading.text(user, name, 100) for name in ("first_name", "last_name", "title")]
        if not value:
            raise Malformed(_("A message needs an id and a sender."))
        name = " ".join(filter(None, names)) or reading.text(user, "username", 100)
        return Address(self.kind, f"{value}@{self.network}" if self.network else value, name)

    def message(self, message: Node) -> list[Inbound | Edited | Deleted | Reaction]:
        """A new message; in a business chat the owner's own words are not the customer's."""
        sender = reading.part(message, "from") or reading.part(message, "sender_chat")
        thread, message_id = _thread(message), reading.text(message, "message_id")
        if not message_id or not thread:
            raise Malformed(_("A message needs an id and a sender."))
        if "@" in thread and reading.text(sender, "id") != thread.partition("@")[0]:
            return []
        person, files, text = self.who(sender), files_of(message), _text(message)
        grouped = reading.text(reading.part(message, "chat"), "type") not in ("", "private")
        remarks = ([] if text or files else [reading.UNKNOWN]) + ([GROUP] if grouped else [])
        answered = reading.text(reading.part(message, "reply_to_message"), "message_id")
        group = reading.text(message, "media_group_id", 100)
        said = Inbound(
            person,
            text=text,
            quoted=reading.text(reading.part(message, "quote"), "text"),
            at=reading.moment(message, "date"),
            files=files,
            thread=thread,
            external_id=f"{thread}:{message_id}",
            identities=self.own_number(message, sender),
            references=[f"{thread}:{answered}"] if answered else [],
            tokens=_began(text),
            authentic=True,
            language=reading.text(sender, "language_code", 2).lower(),
            remarks=remarks,
            details=_details(message, sender),
            album=f"{thread} {group}" if group else "",
        )
        return [said]

    def edited(self, message: Node) -> list[Inbound | Edited | Deleted | Reaction]:
        """Other words in the place of a message's."""
        thread, message_id = _thread(message), reading.text(message, "message_id")
        at = reading.moment(message, "edit_date")
        sender = self.who(reading.part(message, "from") or reading.part(message, "sender_chat"))
        return [Edited(f"{thread}:{message_id}", _text(message), sender=sender, thread=thread, at=at)]

    def pressed(self, query: Node) -> Inbound:
        """A button below one of the bot's messages: its label is what they say."""
        message = reading.part(query, "message")
        thread, data = _thread(message), reading.text(query, "data", 64)
        label = _label(reading.part(message, "reply_markup"), data)
        person = self.who(reading.part(query, "from"))
        return Inbound(
            person,
            text=label or data,
            thread=thread or person.value.partition("@")[0],
            external_id=f"{thread}:button {reading.text(query, 'id', 64)}",
            references=[f"{thread}:{reading.text(message, 'message_id')}"],
            authentic=True,
            details={"button": data},
        )

    def reaction(self, change: Node) -> Reaction:
        """What somebody thinks of a message, in place of what they thought before."""
        emojis = [reading.text(one, "emoji", 16) or "⭐" for one in reading.rows(change, "new_reaction")]
        thread = _thread(change)
        return Reaction(
            f"{thread}:{reading.text(change, 'message_id')}",
            self.who(reading.part(change, "user") or reading.part(change, "actor_chat")),
            " ".join(emojis)[:40],
            thread=thread,
            at=reading.moment(change, "date"),
        )

    def unknown(self, body: Node) -> Inbound:
        """Something this reader does not know, by somebody."""
        person = self.who(reading.part(body, "from") or reading.part(body, "user"))
        thread = _thread(body) or person.value.partition("@")[0]
        return Inbound(person, thread=thread, authentic=True, remarks=[reading.UNKNOWN])

    def own_number(self, message: Node, sender: Node) -> list[Address]:
        """Their telephone number, where they shared their own card and did not hand on somebody else's."""
        card = reading.part(message, "contact")
        own = reading.text(card, "user_id") and reading.text(card, "user_id") == reading.text(sender, "id")
        if not own or "forward_origin" in message:
            return []
        try:
            return [Address("phone", phone_number("+" + reading.text(card, "phone_number", 40).lstrip("+")))]
        except Invalid:
            return []


def _began(text: str) -> list[str]:
    """Our token, where they came by a link to the bot that carries one ("Deep Linking": /start and its parameter)."""
    command, _blank, given = text.partition(" ")
    return [given] if command == "/start" and TOKEN_SHAPE.fullmatch(given) else []


def _label(markup: Node, data: str) -> str:
    """What stands on the button that says ``data``."""
    lines = markup.get("inline_keyboard")
    buttons = [one for line in (lines if isinstance(lines, list) else []) if isinstance(line, list) for one in line]
    found = (one for one in buttons if isinstance(one, dict) and one.get("callback_data") == data)
    return next((reading.text(one, "text") for one in found), "")


def _text(message: Node) -> str:
    """What they wrote, and in words what has no words: a place, a card, a sticker."""
    place = reading.part(message, "location") or reading.part(message, "venue", "location")
    card, venue = reading.part(message, "contact"), reading.part(message, "venue")
    lines = [
        reading.text(message, "text") or reading.text(message, "caption"),
        " · ".join(filter(None, (reading.text(venue, "title"), reading.text(venue, "address")))),
        reading.point(place),
        " ".join(filter(None, (reading.text(card, name) for name in ("first_name", "last_name", "phone_number")))),
        reading.text(reading.part(message, "sticker"), "emoji") or reading.text(reading.part(message, "dice"), "emoji"),
    ]
    poll = reading.part(message, "poll")
    options = [f"- {reading.text(one, 'text')}" for one in reading.rows(poll, "options")]
    return "\n".join(filter(None, [*lines, reading.text(poll, "question"), *options]))


def files_of(message: Node) -> list[File]:
    """The files a message names, to be fetched later; an animation is also named as a document."""
    found = []
    if pictures := reading.rows(message, "photo"):
        found.append(_file(max(pictures, key=lambda one: reading.size(one, "file_size")), "photo.jpg", "image/jpeg"))
    for name, (called, kind) in FILES.items():
        if reading.part(message, name) and not (name == "document" and "animation" in message):
            found.append(_file(reading.part(message, name), called, kind))
    if sticker := reading.part(message, "sticker"):
        moving = ("sticker.tgs", "application/gzip") if sticker.get("is_animated") else ("sticker.webp", "image/webp")
        found.append(_file(sticker, *(("sticker.webm", "video/webm") if sticker.get("is_video") else moving)))
    return [file for file in found if file.ref["file_id"]]


def _file(node: Node, name: str, kind: str) -> File:
    return File(
        reading.text(node, "file_name", 200) or name,
        reading.text(node, "mime_type", 100) or kind,
        size=reading.size(node, "file_size"),
        ref={"file_id": reading.text(node, "file_id", 500)},
    )


def _details(message: Node, sender: Node) -> dict[str, Any]:
    given = {
        "username": reading.text(sender, "username", 100),
        "forwarded": "forward_origin" in message,
    }
    return {name: value for name, value in given.items() if value}
