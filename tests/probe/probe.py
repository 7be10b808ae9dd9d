"""A channel that uses every line of ``Accepts`` and every kind ``parse`` may return, against its own stand-in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib import error, request

from marshmallow import Schema, fields

from helpdesk.api.channels import (
    Accepts,
    Address,
    Answer,
    Attachments,
    Channel,
    Deleted,
    Edited,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Preset,
    RawMessage,
    Reaction,
    Received,
    Report,
    Secret,
    Sent,
    Signal,
    Step,
    Template,
    Webhook,
)
from helpdesk.api.errors import Malformed, Misconfigured, Refused, TryAgain

PIECE = 16 * 1024  # bytes read at once


class Probe(Channel):
    """Events are JSON objects in a list; each names its ``kind``."""

    name, label, icon, color = "probe", "Probe", "chat", "#2b7de9"
    address, other_addresses = "handle", ("phone",)
    interactive = True
    accepts = Accepts(
        html=True,
        attachments=Attachments(types=("image/*", "text/plain"), size=50_000, count=2),
        subject=True,
        max_chars=500,
        window=24,
        first=True,
        public=True,
        edit=True,
        delete=True,
        reactions=True,
        typing=True,
        read_receipts=True,
    )

    class Settings(Schema):
        url = fields.Url(require_tld=False, load_default="", metadata={"label": "Address"})
        timeout = fields.Float(load_default=1.0, metadata={"label": "Seconds to wait"})
        token = Secret(load_default="", metadata={"label": "Token"})
        secret = Secret(load_default="", metadata={"label": "Secret"})

    @classmethod
    def presets(cls) -> list[Preset]:
        return [Preset("patient", "A slow line", {"timeout": 30.0})]

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        if webhook.query.get("challenge"):
            return Received(answer=Answer(200, {"Content-Type": "text/plain"}, webhook.query["challenge"].encode()))
        genuine = hmac.new(self.account.settings["secret"].encode(), webhook.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(webhook.headers.get("X-Signature", "").encode(), genuine.encode()):
            raise Refused("The signature is wrong.")
        given = _read(webhook.body)
        signals = tuple(Signal(e["signal"], e.get("thread", "")) for e in given if e["kind"] == "signal")
        if len(signals) == len(given):
            return Received(signals=signals)
        key = hashlib.sha256(webhook.body).hexdigest()
        return Received([RawMessage(key, webhook.body, datetime.now(UTC), given[0].get("thread", ""))], signals=signals)

    def poll(self, cursor: dict, wait: float) -> tuple[list[RawMessage], dict]:
        from base64 import b64decode

        after = cursor.get("after", 0)
        news = json.loads(self._ask(f"/updates?after={after}"))
        found = [RawMessage(f"update {u['number']}", b64decode(u["body"]), datetime.now(UTC)) for u in news]
        return found, {"after": news[-1]["number"] if news else after}

    def parse(self, raw_message: RawMessage) -> Parsed:
        kinds = {"message": _message, "edited": _edited, "deleted": _deleted, "reaction": _reaction, "report": _report}
        return [kinds[e["kind"]](e) for e in _read(raw_message.raw) if e["kind"] in kinds]

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        with self._open(f"/files/{file.ref['file']}") as answer:
            while piece := answer.read(PIECE):
                write(piece)

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        body = {
            "id": outbound.external_id,
            "to": outbound.recipient.value,
            "thread": outbound.thread,
            "text": outbound.text,
            "html": outbound.html,
            "subject": outbound.subject,
            "visibility": outbound.visibility,
            "template": outbound.template,
            "files": [{"name": f.name, "size": len(outbound.read(f))} for f in outbound.files],
        }
        return Sent(tuple(json.loads(self._ask("/send", body))["ids"]))

    def edit(self, outbound: Outbound) -> None:
        self._ask("/edit", {"ids": outbound.external_ids, "text": outbound.text})

    def delete(self, outbound: Outbound) -> None:
        self._ask("/delete", {"ids": outbound.external_ids})

    def signal(self, kind: str, thread: str) -> None:
        self._ask("/signal", {"kind": kind, "thread": thread})

    def templates(self) -> list[Template]:
        return [Template(**given) for given in json.loads(self._ask("/templates"))]

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        yield Step(f"Signed in as {json.loads(self._ask('/me'))['name']}.")
        yield Step(f"{len(self.templates())} templates.")

    def activate(self, url: str) -> None:
        self._ask("/hook", {"url": url})

    def deactivate(self) -> None:
        self._ask("/hook", {"url": ""})

    def _ask(self, path: str, body: dict | None = None) -> bytes:
        with self._open(path, body) as answer:
            return answer.read()

    def _open(self, path: str, body: dict | None = None):
        settings = self.account.settings
        if not settings.get("url"):
            raise Misconfigured("Please enter the address.")
        data = None if body is None else json.dumps(body).encode()
        asked = request.Request(settings["url"] + path, data, {"Authorization": f"Bearer {settings['token']}"})
        try:
            return request.urlopen(asked, timeout=settings["timeout"])
        except error.HTTPError as fault:
            if fault.code == 429:
                raise TryAgain("The service is busy.", after=float(fault.headers["Retry-After"])) from None
            raise (Misconfigured if fault.code == 401 else Refused)("The service refused.") from None
        except (OSError, ValueError):
            raise TryAgain("The service does not answer.") from None


class ProbeByHand(Probe):
    """The same, but people carry its messages out."""

    name, label = "probe_by_hand", "Probe by hand"
    accepts = Accepts(by_hand=True)


class ProbeSilent(Probe):
    """Only heard."""

    name, label = "probe_silent", "Silent probe"
    accepts = Accepts(replies=False)


def _read(body: bytes) -> list[dict]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("This is no JSON.") from None
    if not isinstance(given, list) or not given or len(given) > 100:
        raise Malformed("A list of events is expected.")
    for event in given:
        if not isinstance(event, dict) or not all(isinstance(event.get(name, ""), str) for name in TEXTS):
            raise Malformed("An event is expected to be an object of texts.")
        if not event.get("kind") or (event["kind"] != "signal" and not event.get("id")):
            raise Malformed("An event needs a kind and an id.")
    return given


TEXTS = (
    "kind",
    "id",
    "from",
    "phone",
    "name",
    "text",
    "thread",
    "emoji",
    "state",
    "signal",
    "file",
    "form",
    "visibility",
    "answers",
)


def _message(e: dict) -> Inbound:
    if not e.get("from"):
        raise Malformed("A message needs a sender.")
    return Inbound(
        Address("handle", e["from"], e.get("name", "")),
        e.get("text", ""),
        external_id=e["id"],
        external_ids=[f"{e['thread']}:{e['id']}"] if e.get("thread") else [],
        identities=[Address("phone", e["phone"])] if e.get("phone") else [],
        references=[e["answers"]] if e.get("answers") else [],
        thread=e.get("thread", ""),
        fingerprint=e["id"],
        form=e.get("form", "text"),
        visibility=e.get("visibility", "private"),
        files=[File("picture.png", "image/png", ref={"file": e["file"]})] if e.get("file") else [],
    )


def _edited(e: dict) -> Edited:
    return Edited(e["id"], e.get("text", ""), thread=e.get("thread", ""))


def _deleted(e: dict) -> Deleted:
    return Deleted(e["id"], thread=e.get("thread", ""))


def _reaction(e: dict) -> Reaction:
    return Reaction(e["id"], Address("handle", e.get("from", "")), e.get("emoji", ""))


def _report(e: dict) -> Report:
    return Report([Outcome(Address("", ""), e.get("state", "delivered"))], references=[e["id"]])
