"""Messages as signed JSON over HTTP: they are pushed to the desk's webhook, and answers are pushed to an address of
theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from marshmallow import Schema, fields

from helpdesk.api import http
from helpdesk.api.channels import (
    Accepts,
    Address,
    Channel,
    Inbound,
    Outbound,
    RawMessage,
    Received,
    Secret,
    Sent,
    Step,
    Webhook,
)
from helpdesk.api.errors import Malformed, Misconfigured, Refused, TryAgain, Unavailable, _

SIGNATURE = "X-Signature"  # the hex HMAC-SHA-256 of the body
PATIENCE = 10  # seconds


class Skeleton(Channel):
    """A service that sends {"id", "from", "name", "text"} and takes {"id", "to", "text"}."""

    name = "skeleton"
    label = _("Skeleton")
    icon = "chat"
    address = "skeleton"
    accepts = Accepts(max_chars=4000)

    class Settings(Schema):
        """Where answers go, and the secret both sides sign with."""

        url = fields.Url(require_tld=False, load_default="", metadata={"label": _("Address for answers")})
        secret = Secret(required=True, sent_to=("url",), metadata={"label": _("Shared secret")})

    def receive(self, webhook: Webhook) -> Received:
        """One message for each request, once its signature is right."""
        given = webhook.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), self._sign(webhook.body).encode()):
            raise Refused(_("The signature is wrong."))
        return Received([RawMessage(_read(webhook.body)["id"], webhook.body, datetime.now(UTC))])

    def parse(self, raw_message: RawMessage) -> Inbound:
        """The message in the body."""
        message = _read(raw_message.raw)
        sender = Address(self.address, message["from"], message["name"])
        return Inbound(
            sender,
            text=message["text"],
            external_id=message["id"],
            fingerprint=raw_message.external_id,
            thread=message["from"],
        )

    def send(self, outbound: Outbound) -> Sent:
        """Push the answer to the service; its id is the same at every try."""
        if not self.account.settings.get("url"):
            raise Misconfigured(_("Please enter the address for answers."))
        body = json.dumps({"id": outbound.external_id, "to": outbound.to[0].value, "text": outbound.text}).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: self._sign(body)}
        try:
            answer = http.fetch(
                "POST", self.account.settings["url"], content=body, headers=headers, seconds=PATIENCE, redirects=0
            )
        except Unavailable:
            raise TryAgain(_("The service does not answer.")) from None
        if 200 <= answer.status < 300:
            return Sent(detail=f"HTTP {answer.status}")
        sentence, status = _("The service answered %(status)s."), str(answer.status)
        if answer.status in (408, 429) or answer.status >= 500:
            wait = answer.headers.get("retry-after", "")  # in seconds; a date is left to the desk's own patience
            raise TryAgain(sentence, after=float(wait) if wait.isdigit() else None, status=status)
        raise Refused(sentence, status=status)

    def check(self) -> Iterator[Step]:
        """There is nothing to try without a message; say what to do."""
        if not self.account.settings.get("url"):
            raise Misconfigured(_("Please enter the address for answers."))
        yield Step(_("Everything is there. Send a first message to see it arrive."))

    def _sign(self, body: bytes) -> str:
        return hmac.new(self.account.settings["secret"].encode(), body, hashlib.sha256).hexdigest()


def _read(body: bytes) -> dict[str, str]:
    """The four fields as text, within bounds; Malformed for anything else."""
    try:
        message = json.loads(body)
        read = {
            name: str(message.get(name, ""))[:limit]
            for name, limit in (("id", 200), ("from", 200), ("name", 200), ("text", 100_000))
        }
    except (ValueError, AttributeError, RecursionError):
        raise Malformed(_("This is not the JSON we expect.")) from None
    if not (read["id"] and read["from"]):
        raise Malformed(_("A message needs an id and a sender."))
    return read
