"""How a message of ours is parted for the Bot API: a text of its own or a caption, single files or albums."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from helpdesk.api.channels import File, Outbound

CAPTION = 1024  # characters
DATA = 64  # bytes
PHOTO = 10_000_000  # bytes; a larger picture goes as a document
SEEN, HEARD, OTHER = ("photo", "video"), ("audio",), ("document",)  # what goes together in an album
METHODS = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "audio": "sendAudio",
    "document": "sendDocument",
    "voice": "sendVoice",
}
TYPES = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "voice",
}


@dataclass(frozen=True)
class Part:
    """One request: a text alone, or files of kinds that go together, with the text below the first."""

    text: str
    files: tuple[tuple[str, File], ...] = ()
    buttons: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many messages it becomes."""
        return len(self.files) or 1

    def as_documents(self) -> Part:
        """The same where the server cannot show its pictures."""
        return replace(self, files=tuple(("document", file) for _kind, file in self.files))

    def request(self, where: dict[str, Any], read: Callable[[File], bytes]) -> tuple[str, dict[str, Any], dict]:
        """(method, fields, files) of the request; ``where`` are the fields that say to whom."""
        if not self.files:
            return "sendMessage", where | {"text": self.text} | keyboard(self.buttons), {}
        caption = {"caption": self.text} if self.text else {}
        if len(self.files) == 1:
            ((kind, file),) = self.files
            return METHODS[kind], where | caption, {kind: _uploaded(file, read)}
        media = [{"type": kind, "media": f"attach://f{number}"} for number, (kind, _file) in enumerate(self.files)]
        media[0] |= caption
        uploads = {f"f{number}": _uploaded(file, read) for number, (_kind, file) in enumerate(self.files)}
        return "sendMediaGroup", where | {"media": json.dumps(media)}, uploads


def keyboard(labels: Sequence[str]) -> dict[str, str]:
    """The field that sets quick replies below a text, one a line ("InlineKeyboardMarkup"); {} for none."""
    lines = [[{"text": label, "callback_data": _data(label, number)}] for number, label in enumerate(labels)]
    return {"reply_markup": json.dumps({"inline_keyboard": lines})} if lines else {}


def _data(label: str, number: int) -> str:
    """What a tap sends back: the label where it fits ("InlineKeyboardButton": 1-64 bytes), else its number."""
    return label if len(label.encode()) <= DATA else str(number)


def parts_of(outbound: Outbound) -> list[Part]:
    """The requests for a message, in order: the same at every try."""
    sorted_files = [(_kind(file), file) for file in outbound.files]
    groups = [tuple(pair for pair in sorted_files if pair[0] in kinds) for kinds in (SEEN, HEARD, OTHER)]
    groups += [(pair,) for pair in sorted_files if pair[0] == "voice"]
    groups = [group for group in groups if group]
    if outbound.buttons:
        return [*(Part("", group) for group in groups), Part(outbound.text, buttons=tuple(outbound.buttons))]
    if not groups:
        return [Part(outbound.text)]
    if len(outbound.text) <= CAPTION:
        return [Part(outbound.text, groups[0]), *(Part("", group) for group in groups[1:])]
    return [Part(outbound.text), *(Part("", group) for group in groups)]


def _kind(file: File) -> str:
    kind = TYPES.get(file.type.lower(), "document")
    return "document" if kind == "photo" and file.size > PHOTO else kind


def _uploaded(file: File, read: Callable[[File], bytes]) -> tuple[str, bytes, str]:
    return file.name, read(file), file.type
