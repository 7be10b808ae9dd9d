"""The signature of call events: ``t=<seconds>,v1=<hex>``, HMAC-SHA256 of "t.body", as outgoing webhooks have it."""

from __future__ import annotations

import hashlib
import hmac
import time

HEADER = "X-Hamdel-Signature"
WINDOW = 300  # seconds: an older push may be a copy that somebody kept
LONGEST = 1000  # characters of the header
VERSIONS = 5  # signatures in one header, while a secret is exchanged


def sign(secret: str, body: bytes, at: int) -> str:
    """The header's value for a body."""
    return f"t={at},v1={_proof(secret, str(at), body)}"


def holds(secret: str, body: bytes, header: str, now: float | None = None) -> bool:
    """True when one of the signatures in the header is right and its moment lies within the window."""
    parts = [part.strip().partition("=") for part in header[:LONGEST].split(",")]
    moment = next((value for name, _is, value in parts if name == "t"), "")
    given = [value for name, _is, value in parts if name == "v1"][:VERSIONS]
    if not (moment.isascii() and moment.isdecimal() and len(moment) <= 12):
        return False
    if abs((time.time() if now is None else now) - int(moment)) > WINDOW:
        return False
    proof = _proof(secret, moment, body)
    return any(hmac.compare_digest(one.encode(), proof.encode()) for one in given)


def _proof(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
