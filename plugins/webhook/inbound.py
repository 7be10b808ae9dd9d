"""The channel of foreign JSON: whatever a system of yours pushes becomes a message, by a mapping that is a setting."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.api import http
from helpdesk.api.channels import (
    Accepts,
    Address,
    Channel,
    File,
    Inbound,
    RawMessage,
    Received,
    Secret,
    Step,
    Webhook,
)
from helpdesk.api.errors import HelpdeskError, Invalid, Malformed, Refused, TryAgain, Unavailable, Undeliverable
from helpdesk.api.i18n import _
from helpdesk.api.text import phone_number

from . import mapping
from .signature import HEADER, is_genuine

KINDS = ("", "email", "phone", "webhook")
LARGEST = 25_000_000  # bytes of a file
FETCHING = 60.0  # seconds for one file
PROOF, PATHS = _("Proof"), _("Where things stand in the JSON")
LABELS = {
    "id": _("Id of the message"),
    "thread": _("Conversation"),
    "sender": _("Sender"),
    "name": _("Sender's name"),
    "subject": _("Subject"),
    "text": _("Text"),
    "files": _("Addresses of files"),
}


def _is_path(value: str) -> None:
    try:
        mapping.compiled(value or "$")
    except ValueError:
        raise ValidationError(_("This is no JSONPath. Write it like $.user.email.")) from None


def _path(part: str, default: str, help: str = "") -> fields.String:
    metadata = {"label": LABELS[part], "group": PATHS, "ltr": True} | ({"help": help} if help else {})
    return fields.String(load_default=default, validate=[validate.Length(max=400), _is_path], metadata=metadata)


class Settings(Schema):
    """How a push is proved, and where its parts stand."""

    secret = Secret(
        required=True,
        sent_to=(),
        validate=validate.Length(8, 400),
        metadata={"label": _("Shared secret"), "group": PROOF},
    )
    header = fields.String(
        load_default="",
        validate=validate.Regexp(r"[A-Za-z0-9-]{0,60}\Z"),
        metadata={
            "label": _("Header with the secret"),
            "group": PROOF,
            "ltr": True,
            "help": _("Empty: each push is signed with X-Hamdel-Signature, as the desk signs what it sends."),
        },
    )
    proved = fields.Boolean(
        load_default=False,
        metadata={
            "label": _("The other system has proved its senders' addresses"),
            "group": PROOF,
            "help": _("Only then does a message join the customer and the tickets of an address without a question."),
        },
    )
    sender = _path(
        "sender", "$.user.email", _("Several paths with | between them: the first that finds something counts.")
    )
    kind = fields.String(
        load_default="",
        validate=validate.OneOf(
            KINDS,
            labels=[_("As it looks"), _("E-mail address"), _("Telephone number"), _("Id in the other system")],
        ),
        metadata={"label": _("The sender is"), "group": PATHS},
    )
    name = _path("name", "$.user.name")
    subject = _path("subject", "$.subject")
    text = _path("text", "$.text")
    id = _path(
        "id", "$.id", _("A push with an id that came before is the same message. Without one, the same bytes are.")
    )
    thread = _path("thread", "$.thread", _("Messages of one conversation go into one ticket while it is open."))
    files = _path("files", "$.files[*].url", _("They are downloaded later, from public addresses only."))


class Inlet(Channel):
    """JSON comes in; customers are answered by the address that came with it, over another account."""

    name = "webhook"
    label = _("Webhook")
    icon = "plug"
    address = "webhook"
    other_addresses = ("email", "phone")
    accepts = Accepts(replies=False)
    Settings = Settings

    def receive(self, webhook: Webhook) -> Received:
        """One message for each push, once its signature or its secret is right."""
        secret, header = self.account.settings["secret"], self.account.settings["header"]
        if header:
            given = webhook.headers.get(header, "").removeprefix("Bearer ")
            genuine = hmac.compare_digest(given.encode(), secret.encode())
        else:
            genuine = is_genuine(webhook.headers.get(HEADER, ""), secret, webhook.body, datetime.now(UTC).timestamp())
        if not genuine:
            raise Refused(_("The signature is wrong."))
        return Received([RawMessage(hashlib.sha256(webhook.body).hexdigest(), webhook.body, datetime.now(UTC))])

    def parse(self, raw_message: RawMessage) -> Inbound:
        """The parts of the message, each by its path."""
        parts = mapping.found(mapping.read(raw_message.raw), self.account.settings)
        first = {part: (texts or [""])[0] for part, texts in parts.items()}
        files = [_file(url) for url in parts["files"] if url.startswith(("https://", "http://"))]
        if not first["sender"].strip() or not (first["text"].strip() or first["subject"] or files):
            raise Malformed(_("Its paths find no sender, or neither text nor file."))
        sender, proved = self._sender(first["sender"].strip(), first["name"]), self.account.settings["proved"]
        return Inbound(
            sender,
            text=first["text"],
            subject=first["subject"],
            external_id=first["id"] or raw_message.external_id,
            thread=first["thread"],
            files=files,
            authentic=True if proved else None,
            typed=not proved and sender.kind != "webhook",
        )

    def _sender(self, value: str, name: str) -> Address:
        """An id counts within this account alone: two systems may both have a user 17."""
        kind = self.account.settings["kind"] or (
            "email" if "@" in value else "phone" if value[:1] in "+0۰" else "webhook"
        )
        if kind == "phone":
            try:
                return Address("phone", phone_number(value), name)
            except Invalid:
                kind = "webhook"
        if kind == "email":
            return Address("email", value.lower(), name, spelling=value)
        return Address("webhook", f"{self.account.id}:{value}", name or value, spelling=value)

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """Download a file from the address that came with the message; a stranger may have written it."""
        try:
            with http.stream("GET", file.ref["url"], seconds=FETCHING, largest=LARGEST, private=False) as answer:
                if answer.status in (408, 429) or answer.status >= 500:
                    raise TryAgain(_("The service answered %(status)s."), status=answer.status)
                if answer.status >= 400:
                    raise Undeliverable(_("The service answered %(status)s."), status=answer.status)
                for chunk in answer.chunks:
                    write(chunk)
        except Unavailable as error:
            raise TryAgain(error.sentence, **error.values) from None
        except Invalid as error:
            raise Undeliverable(error.sentence, **error.values) from None

    def preview(self, raw: bytes) -> list[Step]:
        """What each path finds in a pasted sample, and who it would be from."""
        parts = mapping.found(mapping.read(raw), self.account.settings)
        steps = [
            Step("%(found)s", {"found": ", ".join(texts)[:300]}, label=LABELS[part])
            if texts
            else Step(label=LABELS[part])
            for part, texts in parts.items()
        ]
        try:
            sender = self.parse(RawMessage("sample", raw, datetime.now(UTC))).sender
            return [*steps, Step("%(found)s", {"found": f"{sender.kind}: {sender.value}"}, label=_("Known as"))]
        except HelpdeskError as error:
            return [*steps, Step(error.sentence, error.values, ok=False)]

    def check(self) -> Iterator[Step]:
        """There is nothing to call; say how the other side proves itself."""
        if self.account.settings["header"]:
            yield Step(
                _("Push JSON with the secret in the header %(header)s."), {"header": self.account.settings["header"]}
            )
        else:
            yield Step(_("Push JSON that is signed with %(header)s."), {"header": HEADER})


def _file(url: str) -> File:
    try:
        name = unquote(urlsplit(url).path.rpartition("/")[2])[:120]
    except ValueError:
        name = ""
    return File(name or "file", ref={"url": url})
