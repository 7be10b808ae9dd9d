"""Frames of text on a websocket, made once for everybody who is told the same (RFC 6455, section 5.6)."""

from __future__ import annotations

from functools import lru_cache

from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

KEPT = 8  # texts: one change is told in so many ways at most before the next, and seldom in more


@lru_cache(KEPT)
def text_frame(text: str) -> bytes:
    """The bytes of a whole, unmasked, uncompressed message: the same for each who is sent it."""
    return Connection(ConnectionType.SERVER).send(TextMessage(data=text))
