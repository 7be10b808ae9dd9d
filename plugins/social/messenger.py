"""Messenger and Instagram: Meta's two services have one API for messages, with other limits.

https://developers.facebook.com/docs/messenger-platform/reference/send-api and
https://developers.facebook.com/docs/messenger-platform/instagram.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import fields

from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Attachments,
    Buttons,
    Channel,
    File,
    Outbound,
    Parsed,
    RawMessage,
    Received,
    Sent,
    Step,
    Webhook,
    tried,
)
from helpdesk.api.errors import ChannelError, Invalid, Refused, _

from . import calls, graph, messenger_events, reading

PUSHED = "messages,messaging_postbacks,message_reactions,message_deliveries,message_reads,message_edits"
WHERE = ("image_data", "video_data", "audio_data")  # of an attachment, each with its address; else file_url
EXPLAINED = {
    2018001: _("Meta (2018001): there is no such person for this page."),
    2018065: _("Meta (2018065): the page may not write to this person now."),
    2018108: _("Meta (2018108): this person does not take messages of the page."),
    2018278: _("Meta (2018278): the customer last wrote more than 24 hours ago; they have to write again first."),
    2534022: _("Meta (2534022): the customer last wrote more than 24 hours ago; they have to write again first."),
    1545041: _("Meta (1545041): this person cannot be reached now."),
}
GONE = frozenset({551, *EXPLAINED})


class Messenger(Channel):
    """A page's inbox. People are ids made for this page alone."""

    name, label, icon, color = "messenger", _("Messenger"), "social", "#0866ff"
    address = "messenger"
    platform: ClassVar[str] = "page"
    interactive = True
    knows_repeats = False
    accepts = Accepts(
        attachments=Attachments(("image/*", "video/*", "audio/*", "application/pdf", "text/plain"), 20_000_000, 10),
        max_chars=2000,
        window=24,
        reactions=True,
        typing=True,
        buttons=Buttons(count=13, chars=20),
    )

    Settings = graph.settings(
        {"page_id": fields.String(required=True, metadata={"label": _("ID of the page or account")})}
    )

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """The number Meta gave a person for this page."""
        value = typed.strip()
        if not (value.isascii() and value.isdecimal()):
            sentence = _("Only somebody who wrote to the page can be written to.")
            raise Invalid(sentence, {"to": sentence})
        return Address(cls.address, value)

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        """Meta's challenge, or events, each a raw message of its own."""
        if webhook.method == "GET":
            return Received(answer=graph.challenge(webhook, self._setting("verify_token")))
        graph.prove(webhook, self._setting("app_secret"))
        found = messenger_events.apart(reading.read(webhook.body), self.platform, self._setting("page_id"))
        now = datetime.now(UTC)
        return Received(
            [RawMessage(known or hashlib.sha256(raw).hexdigest(), raw, now, whom) for known, whom, raw in found]
        )

    def parse(self, raw_message: RawMessage) -> Parsed:
        """What an event says."""
        return messenger_events.events(reading.read(raw_message.raw), self.address)

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """A file by its message: the addresses in an event end, so a new one is asked for each time."""
        said = self._graph.ask("GET", str(file.ref.get("message", "")), params={"fields": "attachments"})
        rows, number = reading.rows(reading.part(said, "attachments"), "data"), file.ref.get("number", 0)
        found = rows[number] if isinstance(number, int) and 0 <= number < len(rows) else {}
        urls = [reading.text(reading.part(found, name), "url") for name in WHERE]
        url = next(filter(None, [*urls, reading.text(found, "file_url")]), "")
        if not url:
            raise Refused(_("This file is not there any more."))
        calls.download(url, write, redirects=3)

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """The text, then each file; a later try goes on where this one ended."""
        ids = [known for known in outbound.external_ids if known != outbound.external_id]
        done, whom = len(ids), outbound.to[0]
        answered = {"reply_to": {"mid": outbound.in_reply_to}} if outbound.in_reply_to else {}
        for number, part in enumerate(self._parts(outbound)):
            if number < done:
                continue
            try:
                body = {"recipient": {"id": whom.value}, "messaging_type": "RESPONSE", "message": part()}
                said = self._graph.ask("POST", "me/messages", json=body | (answered if number == 0 else {}))
                ids.append(reading.text(said, "message_id", 300))
            except ChannelError as error:
                if not ids:
                    raise
                return calls.broken_off(ids, error, whom, whom.value)
        return Sent(tuple(ids), thread=whom.value)

    def _parts(self, outbound: Outbound) -> Iterator[Callable[[], dict[str, Any]]]:
        if outbound.text and not outbound.buttons:
            yield lambda: {"text": outbound.text}
        for file in outbound.files:
            yield lambda file=file: self._file(file, outbound.read)
        if outbound.buttons:  # last: they are shown for the newest message alone ("Quick Replies")
            taps = [{"content_type": "text", "title": one, "payload": one} for one in outbound.buttons]
            yield lambda: {"text": outbound.text, "quick_replies": taps}

    def _file(self, file: File, read: Callable[[File], bytes]) -> dict[str, Any]:
        """An upload of its own ("Attachment Upload API"), named in the message."""
        kind = file.type.partition("/")[0]
        kind = kind if kind in ("image", "video", "audio") else "file"
        message = {"attachment": {"type": kind, "payload": {"is_reusable": False}}}
        given = {"message": json.dumps(message)} | ({} if self.platform == "page" else {"platform": self.platform})
        upload = {"filedata": (file.name, read(file), file.type)}
        said = self._graph.ask("POST", "me/message_attachments", data=given, files=upload)
        return {"attachment": {"type": kind, "payload": {"attachment_id": reading.text(said, "attachment_id")}}}

    def signal(self, kind: str, thread: str) -> None:
        """Typing."""
        if kind == "typing":
            body = {"recipient": {"id": thread}, "sender_action": "typing_on"}
            self._graph.ask("POST", "me/messages", json=body)

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """Whose token it is, and what is pushed."""

        def signed_in() -> str:
            me = self._graph.ask("GET", "me", params={"fields": "id,name"})
            if reading.text(me, "id") != self._setting("page_id"):
                raise Refused(_("The token belongs to another page: %(name)s."), name=reading.text(me, "name", 100))
            return reading.text(me, "name", 100)

        def pushed() -> str:
            apps = reading.rows(self._graph.ask("GET", "me/subscribed_apps"), "data")
            if not apps:
                raise Refused(_("No webhook is set. Save the account again, or switch it off and on."))
            return ""

        yield tried(_("Sign in with the access token"), signed_in)
        yield tried(_("Webhook"), pushed)

    def activate(self, url: str) -> None:
        """Let the page's events go to the app; where the app pushes them is entered at Meta."""
        self._graph.ask("POST", "me/subscribed_apps", data={"subscribed_fields": PUSHED})

    def deactivate(self) -> None:
        """Let them go there no more."""
        self._graph.ask("DELETE", "me/subscribed_apps")

    @property
    def _graph(self) -> graph.Graph:
        return graph.Graph(self._setting("base_url"), self._setting("access_token"), EXPLAINED, GONE)

    def _setting(self, name: str) -> str:
        return str(self.account.settings.get(name) or "")


class Instagram(Messenger):
    """A professional account's messages: shorter texts, and read marks that name their message."""

    name, label, color = "instagram", _("Instagram"), "#d62976"
    address = "instagram"
    platform = "instagram"
    accepts = Accepts(
        attachments=Attachments(("image/png", "image/jpeg", "video/mp4", "audio/mp4"), 8_000_000, 10),
        max_chars=500,  # 1,000 bytes, and a Persian letter has two
        window=24,
        reactions=True,
        typing=True,
        read_receipts=True,
        buttons=Buttons(count=13, chars=20),
    )
