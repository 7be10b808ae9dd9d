"""The signature of webhooks, both ways: ``X-Hamdel-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">``."""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Hamdel-Signature"
TOLERANCE = 300  # seconds between the clocks of both sides
SHAPE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, at: int) -> str:
    """The value of the header for a body sent at this second."""
    return f"t={at},v1={_digest(secret, body, at)}"


def is_genuine(header: str, secret: str, body: bytes, now: float) -> bool:
    """True when the header was made with this secret, for this body, within ``TOLERANCE`` of now."""
    found = SHAPE.fullmatch(header)
    if not found or not secret or abs(now - int(found[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(found[2], _digest(secret, body, int(found[1])))


def _digest(secret: str, body: bytes, at: int) -> str:
    return hmac.new(secret.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
