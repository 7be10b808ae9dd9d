"""WhatsApp by Meta's Cloud API (https://developers.facebook.com/docs/whatsapp/cloud-api)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

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
    Template,
    Webhook,
    tried,
)
from helpdesk.api.errors import ChannelError, Misconfigured, Refused, _
from helpdesk.api.text import phone_number

from . import calls, graph, reading, whatsapp_errors, whatsapp_messages

CAPTION = 1024  # characters
LARGEST = {"image": 5_000_000, "audio": 16_000_000, "video": 16_000_000}  # bytes; "Supported Media Types"
KINDS = {
    **dict.fromkeys(("image/jpeg", "image/png"), "image"),
    **dict.fromkeys(("video/mp4", "video/3gpp"), "video"),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), "audio"),
}
DOCUMENTS = (
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.*",
)
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class WhatsApp(Channel):
    """A number of a business. A customer is known by telephone number, as by SMS and by a call."""

    name, label, icon, color = "whatsapp", _("WhatsApp"), "social", "#25d366"
    address, other_addresses = whatsapp_messages.PHONE, (whatsapp_messages.USER,)
    interactive = True
    knows_repeats = False
    accepts = Accepts(
        attachments=Attachments((*DOCUMENTS, *KINDS), size=20_000_000, count=10),
        max_chars=4096,
        window=24,
        any_ticket=True,
        reactions=True,
        read_receipts=True,
        buttons=Buttons(count=3, chars=20, max_chars=1024),
        own_reactions=("👍", "❤️", "🙏", "👏", "🎉", "😢"),
    )

    Settings = graph.settings(
        {"phone_number_id": fields.String(required=True, metadata={"label": _("Phone number ID")})},
        business_account_id=fields.String(
            load_default="",
            metadata={"label": _("Business account ID"), "help": _("For templates; found by the token where empty.")},
        ),
    )

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """A telephone number, however it is spelled."""
        return Address(cls.address, phone_number(typed))

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        """Meta's challenge, or messages and statuses, each a raw message of its own."""
        if webhook.method == "GET":
            return Received(answer=graph.challenge(webhook, self._setting("verify_token")))
        graph.prove(webhook, self._setting("app_secret"))
        parts = list(whatsapp_messages.apart(reading.read(webhook.body), self._setting("phone_number_id")))
        now = datetime.now(UTC)
        return Received([RawMessage(_known(known, raw), raw, now, whom) for known, whom, raw in parts])

    def parse(self, raw_message: RawMessage) -> Parsed:
        """What a message or a status says."""
        why = graph.Graph("", "", whatsapp_errors.EXPLAINED, whatsapp_errors.GONE).why
        return whatsapp_messages.events(reading.read(raw_message.raw), self._setting("phone_number_id"), why)

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """A file by its id; its address is good for five minutes, so it is asked for each time."""
        media = str(file.ref.get("media", ""))
        if not media.isalnum():
            raise Refused(_("This file has no id."))
        found = self._graph.ask("GET", media, params={"phone_number_id": self._setting("phone_number_id")})
        calls.download(reading.text(found, "url", 2000), write, headers=self._graph.headers)

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """A template, or the text and each file; a later try goes on where this one ended."""
        whom = outbound.to[0]
        ids = [known for known in outbound.external_ids if known != outbound.external_id]
        done, thread = len(ids), outbound.thread or whom.value
        for number, part in enumerate(self._parts(outbound)):
            if number < done:
                continue
            try:
                ids.append(self._give(part, whom, outbound, first=number == 0))
            except ChannelError as error:
                if not ids:
                    raise
                return calls.broken_off(ids, error, whom, thread)
        return Sent(tuple(ids), thread=thread)

    def _parts(self, outbound: Outbound) -> Iterator[Callable[[], dict[str, Any]]]:
        """The messages of a message, each made when it is its turn: a file is uploaded then."""
        if outbound.template:
            yield lambda: self._template(outbound.template)
            return
        kinds = [_kind(file) for file in outbound.files]
        below = bool(kinds) and kinds[0] != "audio" and len(outbound.text) <= CAPTION and not outbound.buttons
        if outbound.text and not below and not outbound.buttons:
            yield lambda: {"type": "text", "text": {"body": outbound.text, "preview_url": False}}
        for number, file in enumerate(outbound.files):
            caption = outbound.text if below and number == 0 else ""
            yield lambda file=file, caption=caption: self._file(file, outbound.read, caption)
        if outbound.buttons:
            yield lambda: _interactive(outbound.text, outbound.buttons)

    def _give(self, part: Callable[[], dict[str, Any]], whom: Address, outbound: Outbound, first: bool) -> str:
        body = self._body(whom, part())
        if first:
            body["biz_opaque_callback_data"] = outbound.external_id
            if outbound.in_reply_to.startswith("wamid."):
                body["context"] = {"message_id": outbound.in_reply_to}
        said = self._graph.ask("POST", f"{self._setting('phone_number_id')}/messages", json=body)
        return next((reading.text(one, "id", 300) for one in reading.rows(said, "messages")), "")

    def _body(self, whom: Address, content: dict[str, Any]) -> dict[str, Any]:
        to = {"to": whom.value.lstrip("+")} if whom.kind == self.address else {"recipient": whom.value}
        return {"messaging_product": "whatsapp", "recipient_type": "individual", **content, **to}

    def react(self, outbound: Outbound, emoji: str) -> None:
        """Give a message of theirs one reaction; an empty one takes it back ("Reaction messages")."""
        for known in outbound.external_ids[:1]:
            sign = {"type": "reaction", "reaction": {"message_id": known, "emoji": emoji}}
            body = self._body(outbound.to[0], sign)
            self._graph.ask("POST", f"{self._setting('phone_number_id')}/messages", json=body)

    def _file(self, file: File, read: Callable[[File], bytes], caption: str) -> dict[str, Any]:
        kind, place = _kind(file), f"{self._setting('phone_number_id')}/media"
        given = {"messaging_product": "whatsapp", "type": file.type}
        said = self._graph.ask("POST", place, data=given, files={"file": (file.name, read(file), file.type)})
        body = {"id": reading.text(said, "id", 200)} | ({"caption": caption} if caption else {})
        return {"type": kind, kind: body | ({"filename": file.name} if kind == "document" else {})}

    # Templates -------------------------------------------------------------------------------------------------

    def templates(self) -> list[Template]:
        """Those that are approved and ask for nothing but texts."""
        found = [(one, _places(one)) for one in self._approved()]
        return [
            Template(reading.text(one, "name"), reading.text(one, "language"), made[0]) for one, made in found if made
        ]

    def _approved(self, **more: str) -> list[dict[str, Any]]:
        wanted = {"fields": "name,language,status,components,parameter_format", "limit": "100", "status": "APPROVED"}
        said = self._graph.ask("GET", f"{self._business()}/message_templates", params=wanted | more)
        return [one for one in reading.rows(said, "data") if reading.text(one, "status") == "APPROVED"]

    def _business(self) -> str:
        if given := self._setting("business_account_id"):
            return given
        said = self._graph.ask("GET", "debug_token", params={"input_token": self._setting("access_token")})
        for scope in reading.rows(reading.part(said, "data"), "granular_scopes"):
            ids = scope.get("target_ids")
            if reading.text(scope, "scope") == "whatsapp_business_management" and isinstance(ids, list) and ids:
                return str(ids[0])
        raise Misconfigured(_("Please enter the business account ID: the token does not tell it."))

    def _template(self, chosen: dict[str, Any]) -> dict[str, Any]:
        name, language, values = chosen["name"], chosen.get("language", ""), list(chosen.get("values") or [])
        for found in self._approved(name=name):
            made = _places(found)
            if made and reading.text(found, "name") == name and language in ("", reading.text(found, "language")):
                parts = _components(values, made[1])
                code = {"code": reading.text(found, "language")}
                return {"type": "template", "template": {"name": name, "language": code, "components": parts}}
        raise Refused(whatsapp_errors.EXPLAINED[132001])

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """The number, then the templates."""

        def number() -> str:
            wanted = {"fields": "display_phone_number,verified_name,quality_rating"}
            found = self._graph.ask("GET", self._setting("phone_number_id"), params=wanted)
            known = (reading.text(found, name, 100) for name in ("display_phone_number", "verified_name"))
            return " · ".join(filter(None, known))

        yield tried(_("Sign in with the access token"), number)
        yield tried(_("Templates"), lambda: str(len(self.templates())))

    @property
    def _graph(self) -> graph.Graph:
        base, token = self._setting("base_url"), self._setting("access_token")
        return graph.Graph(base, token, whatsapp_errors.EXPLAINED, whatsapp_errors.GONE)

    def _setting(self, name: str) -> str:
        return str(self.account.settings.get(name) or "")


def _interactive(text: str, labels: list[str]) -> dict[str, Any]:
    """ "Interactive reply buttons"."""
    buttons = [{"type": "reply", "reply": {"id": str(number), "title": one}} for number, one in enumerate(labels)]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}},
    }


def _components(values: list[Any], places: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The values by the parts of the template they stand in; numbered ones in the order of their numbers."""
    given = sorted(zip(places, values, strict=False), key=lambda one: int(one[0][1]) if one[0][1].isdecimal() else 0)
    components: dict[str, list[dict[str, str]]] = {}
    for (kind, own), value in given:
        named = {} if own.isdecimal() else {"parameter_name": own}
        components.setdefault(kind, []).append({"type": "text", **named, "text": str(value)})
    return [{"type": kind, "parameters": parameters} for kind, parameters in components.items()]


def _known(known: str, raw: bytes) -> str:
    return known if known and len(known) <= 200 else hashlib.sha256(raw).hexdigest()


def _kind(file: File) -> str:
    kind = KINDS.get(file.type.lower(), "document")
    return kind if file.size <= LARGEST.get(kind, file.size) else "document"


def _places(template: dict[str, Any]) -> tuple[str, list[tuple[str, str]]] | None:
    """(text with {{1}}, {{2}}, … through its parts, [(part, the provider's own name of the place)]); None when it
    asks for more than texts.
    """
    lines: list[str] = []
    places: list[tuple[str, str]] = []
    for component in reading.rows(template, "components"):
        kind, text = reading.text(component, "type").lower(), reading.text(component, "text")
        urls = [reading.text(one, "url") for one in reading.rows(component, "buttons")]
        if reading.text(component, "format") not in ("", "TEXT") or any(map(PLACE.search, urls)):
            return None
        lines.append(_numbered(kind, text, places))
    return "\n".join(filter(None, lines)), places


def _numbered(kind: str, text: str, places: list[tuple[str, str]]) -> str:
    known: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[1] not in known:
            places.append((kind, found[1]))
            known[found[1]] = len(places)
        return f"{{{{{known[found[1]]}}}}}"

    return PLACE.sub(number, text)
