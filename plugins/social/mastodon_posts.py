"""What a notification of a Mastodon server says, in the desk's normal form.

https://docs.joinmastodon.org/entities/Notification/ and https://docs.joinmastodon.org/entities/Status/.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from helpdesk.api.channels import Address, Edited, File, Inbound, Reaction
from helpdesk.api.errors import Malformed, _

from . import reading

KINDS = ["mention", "favourite", "reblog", "update"]  # what is asked for
SIGNS = {"favourite": "⭐", "reblog": "🔁"}
OPEN = ("public", "unlisted")
TYPES = {"image": "image/jpeg", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}
NO_FILE = _("A file of this post is not there yet: please open the post itself.")
LINES = {"p", "div", "li", "blockquote", "pre"}
Node = Mapping[str, Any]


def address(account: Node, kind: str, host: str) -> Address:
    """A person by name and server; on the account's own server the name comes without it."""
    name = reading.text(account, "acct", 200).lower().lstrip("@")
    if not name:
        raise Malformed(_("A message needs an id and a sender."))
    return Address(kind, name if "@" in name else f"{name}@{host}", reading.text(account, "display_name", 200))


def private_thread(person: str) -> str:
    """The key of what is said with somebody in private."""
    return f"private {person}"


def event(note: Node, kind: str, host: str) -> Inbound | Edited | Reaction | None:
    """What a notification says; None for what asks for nothing."""
    said, status = reading.text(note, "type", 40), reading.part(note, "status")
    person, known = address(reading.part(note, "account"), kind, host), reading.text(status, "id", 200)
    if not said or not reading.text(note, "id", 100):
        raise Malformed(_("This is not the JSON we expect."))
    if said in SIGNS and known:
        return Reaction(known, person, SIGNS[said], at=_moment(note, "created_at"))
    if said == "update" and known:
        return Edited(known, words(status), sender=person, at=_moment(status, "edited_at"))
    if said == "mention" and known:
        return _mention(status, person)
    return Inbound(
        person, remarks=[reading.UNKNOWN], thread=private_thread(person.value), external_id=f"note {note['id']}"
    )


def _mention(status: Node, person: Address) -> Inbound:
    visibility = "public" if reading.text(status, "visibility", 20) in OPEN else "private"
    rows = reading.rows(status, "media_attachments")
    files = [file for file in map(_file, rows) if file]
    text, answered = words(status), reading.text(status, "in_reply_to_id", 200)
    remarks = ([NO_FILE] if len(files) < len(rows) else []) + ([] if text or rows else [reading.UNKNOWN])
    details = {"link": reading.text(status, "url", 500), "warning": reading.text(status, "spoiler_text", 500)}
    return Inbound(
        person,
        text=text,
        at=_moment(status, "created_at"),
        files=files,
        thread="" if visibility == "public" else private_thread(person.value),
        external_id=reading.text(status, "id", 200),
        external_ids=[uri] if (uri := reading.text(status, "uri", 250)) else [],
        references=[answered] if answered else [],
        visibility=visibility,
        authentic=True,
        language=reading.text(status, "language", 2),
        remarks=remarks,
        details={name: value for name, value in details.items() if value},
    )


def _file(media: Node) -> File | None:
    url = reading.text(media, "url", 2000) or reading.text(media, "remote_url", 2000)
    if not url.startswith(("https://", "http://")):
        return None
    kind, tail = reading.text(media, "type", 20), url.partition("?")[0].rpartition("/")[2]
    return File(tail[:200] or "file", TYPES.get(kind, "application/octet-stream"), ref={"url": url})


def _moment(node: Node, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(reading.text(node, name, 40))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def words(status: Node) -> str:
    """The words of a post, without the names it begins with: whom it is for is known."""
    reader = _Words()
    reader.feed(reading.text(status, "content"))
    reader.close()
    text = "".join(reader.found).strip()
    while text.startswith("@") and reading.rows(status, "mentions"):
        text = text.partition(" ")[2].lstrip()
    warning = reading.text(status, "spoiler_text", 500)
    poll = [f"- {reading.text(one, 'title')}" for one in reading.rows(reading.part(status, "poll"), "options")]
    return "\n".join(filter(None, [warning, text, *poll]))


class _Words(HTMLParser):
    """The text of a post's HTML, a line for each paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A line break, or a new paragraph after another."""
        if tag == "br" or (tag in LINES and self.found):
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        self.found.append(data)
