"""Signed thread tokens: proof that whoever holds one was written to by us about one ticket (law 6).

A token is ``t<ticket>-<identity>-<mac>``: both ids in base 36, and the first 80 bits of an HMAC-SHA-256 in base 32.
Lower case throughout, because plus-addresses lose their case on the way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

SHAPE = re.compile(r"t([0-9a-z]{1,13})-([0-9a-z]{1,13})-([0-9a-z]{16})", re.IGNORECASE)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sign(secret: bytes, ticket_id: int, identity_id: int) -> str:
    """The token of this ticket for the person behind this identity."""
    ticket, identity = _base36(ticket_id), _base36(identity_id)
    return f"t{ticket}-{identity}-{_mac(secret, ticket, identity)}"


def verify(secrets: Iterable[bytes], token: str) -> tuple[int, int] | None:
    """(ticket id, identity id) of a token that was signed with one of these keys, else None."""
    match = SHAPE.fullmatch(token.strip().lower())
    if not match:
        return None
    ticket, identity, mac = match.groups()
    if not any(hmac.compare_digest(mac, _mac(secret, ticket, identity)) for secret in secrets):
        return None
    return int(ticket, 36), int(identity, 36)


def _mac(secret: bytes, ticket: str, identity: str) -> str:
    digest = hmac.new(secret, f"thread:{ticket}:{identity}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def _base36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = DIGITS[rest] + text
    return text or "0"
