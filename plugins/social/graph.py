"""What the channels of Meta share: proved webhooks, and calls of the Graph API with its errors as the desk's.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started ("Verification Requests", "Validating
Payloads") and https://developers.facebook.com/docs/graph-api/guides/error-handling.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from helpdesk.api.channels import Answer, Secret, Webhook
from helpdesk.api.errors import ChannelError, Misconfigured, Refused, TryAgain, Uncertain, Undeliverable, _

from . import calls, reading

SERVER = "https://graph.facebook.com/v23.0"
SIGNATURE = "X-Hub-Signature-256"
LONGEST = 200  # characters of a challenge
LATER = {1, 2, 4, 17, 32, 341, 613, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004, 133016}
SIGNED_OUT = {0, 3, 10, 102, 190, *range(200, 300)}
EXPLAINED = {
    10: _("Meta (10): the access token lacks a permission. Give it the permission for messages."),
    100: _("Meta (100): something in the message is not as the provider wants it."),
    190: _("Meta (190): the access token has expired or was withdrawn. Please enter a new one."),
    368: _("Meta (368): the account is blocked for a while because a rule was broken."),
    551: _("Meta (551): this person cannot be reached now."),
}


def settings(number: dict[str, fields.Field], **more: fields.Field) -> type[Schema]:
    """The schema of an account: the number it is known by, the secrets of the app, what else a channel asks, and the
    server.
    """
    word = {"label": _("Verify token"), "help": _("A word of yours; enter it at Meta as well.")}
    known = {
        "access_token": Secret(required=True, sent_to=("base_url",), metadata={"label": _("Access token")}),
        "app_secret": Secret(required=True, sent_to=(), metadata={"label": _("App secret")}),
        "verify_token": Secret(required=True, sent_to=(), metadata=word),
    }
    server = fields.Url(require_tld=False, load_default=SERVER, metadata={"label": _("Address of the server")})
    return Schema.from_dict({**number, **known, **more, "base_url": server}, name="Settings")


def challenge(webhook: Webhook, verify_token: str) -> Answer:
    """The answer to Meta's question whether this address is ours; Refused unless it knows the word agreed on."""
    given = webhook.query.get("hub.verify_token", "")
    good = hmac.compare_digest(given.encode(), verify_token.encode()) and verify_token
    if webhook.query.get("hub.mode") != "subscribe" or not good:
        raise Refused(_("The verify token is wrong."))
    return Answer(200, {"Content-Type": "text/plain"}, webhook.query.get("hub.challenge", "")[:LONGEST].encode())


def prove(webhook: Webhook, app_secret: str) -> None:
    """Refused unless the app's secret signed the body."""
    genuine = "sha256=" + hmac.new(app_secret.encode(), webhook.body, hashlib.sha256).hexdigest()
    given = webhook.headers.get(SIGNATURE, "")
    if not app_secret or not hmac.compare_digest(given.encode(), genuine.encode()):
        raise Refused(_("The signature is wrong."))


class Graph:
    """The Graph API with one access token; ``explained`` are the sentences for its error codes."""

    def __init__(self, base_url: str, token: str, explained: Mapping[int, str], gone: frozenset[int]):
        self.base, self.token = base_url.rstrip("/"), token
        self.explained, self.gone = EXPLAINED | dict(explained), gone

    @property
    def headers(self) -> dict[str, str]:
        """What a request proves itself by."""
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The JSON object of an answer. Raises as ``Channel.send`` does."""
        patient = "files" in request
        try:
            answer = calls.call(method, f"{self.base}/{path}", patient=patient, headers=self.headers, **request)
        except Uncertain as error:
            if patient:  # a file that was handed over twice is no message
                raise TryAgain(error.sentence, **error.values) from None
            raise
        said = calls.said(answer)
        if 200 <= answer.status < 300 and "error" not in said:
            return said
        error = reading.part(said, "error")
        code = reading.size(error, "code") if "code" in error else -1
        finer = reading.size(error, "error_subcode")
        code = finer if finer in self.explained else code
        raise self._raised(code, answer.status, calls.after(answer), self._words(error) or calls.words(answer))

    def why(self, code: int, words: str) -> str:
        """The sentence for an error code, else the provider's words with the code."""
        return self.explained.get(code) or f"{code}: {words.replace(self.token, '•••') if self.token else words}"

    def _words(self, error: dict[str, Any]) -> str:
        words = reading.text(reading.part(error, "error_data"), "details", 200) or reading.text(error, "message", 200)
        return words.replace(self.token, "•••")

    def _raised(self, code: int, status: int, wait: float | None, words: str) -> ChannelError:
        known = {"host": calls.host(self.base), "status": str(status), "words": words}
        said = self.explained.get(code)
        sentence, values = (said, {"words": words}) if said else (calls.SENTENCE, known)
        if code in LATER or calls.busy(status):
            return TryAgain(sentence, after=wait, **values)
        if code in SIGNED_OUT or status == 401:
            return Misconfigured(sentence, **values)
        return (Undeliverable if code in self.gone else Refused)(sentence, **values)
