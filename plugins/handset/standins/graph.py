"""What the stand-ins of Meta's services share: webhooks with their proof, and errors of the Graph API.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started and
https://developers.facebook.com/docs/graph-api/guides/error-handling (sections are named beside what follows from them).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import urlencode

from .server import Asked, Reply, StandIn, push

VERSION = re.compile(r"^/v\d+\.\d+(?=/)")  # "Versions": /v23.0/…


def refusal(status: int, code: int, message: str, details: str = "", **headers: str) -> Reply:
    """ "Receiving Error Codes": an object error with message, type, code and a trace."""
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    error |= {"error_data": {"details": details}} if details else {}
    return Reply({"error": {**error, "fbtrace_id": "A1b2C3"}}, status, headers)


class GraphStandIn(StandIn):
    """An app of Meta's with one access token, whose webhook is ``hook`` once ``subscribe`` was answered."""

    def __init__(self, token: str, app_secret: str, port: int = 0) -> None:
        super().__init__(port)
        self.token, self.app_secret = token, app_secret
        self.hook = ""

    def subscribe(self, url: str, verify_token: str) -> bool:
        """ "Verification Requests": the address has to give the challenge back."""
        asked = urlencode({"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": "1158201444"})
        good = push(f"{url}?{asked}", None, {}) == (200, b"1158201444")
        self.hook = url if good else ""
        return good

    def signed(self, update: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """ "Validating Payloads": the body, and the header that proves it."""
        body = json.dumps(update).encode()
        proof = hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {"X-Hub-Signature-256": f"sha256={proof}"}

    def deliver(self, update: dict[str, Any]) -> int:
        """Push an update; the HTTP status, 0 where nobody answers or nothing is subscribed."""
        body, headers = self.signed(update)
        return push(self.hook, body, headers)[0] if self.hook else 0

    def busy(self) -> Reply:
        """ "Rate Limits": 4."""
        return refusal(429, 4, "Application request limit reached", **{"Retry-After": str(self.after)})

    def answer(self, asked: Asked) -> Reply:
        """The version may stand before the path; a token is wanted for everything."""
        path = VERSION.sub("", asked.path).strip("/")
        given = asked.headers.get("Authorization", "").removeprefix("Bearer ") or asked.given.get("access_token")
        if given != self.token:
            return refusal(401, 190, "Invalid OAuth access token - Cannot parse access token")
        with self.lock:
            return self.act(asked.method, path, asked)

    def act(self, method: str, path: str, asked: Asked) -> Reply:
        """What the service answers to whoever has the token."""
        raise NotImplementedError

    def unknown(self, method: str, path: str) -> Reply:
        """ "Error codes", 100."""
        words = f"Unsupported {method.lower()} request. Object with ID '{path.partition('/')[0]}' does not exist"
        return refusal(400, 100, words)
