"""Frames on a socket: four bytes of length, JSON. Raw bytes may follow where both sides know how many."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any, cast


def frame(data: dict[str, Any]) -> bytes:
    """A length and JSON."""
    body = json.dumps(data).encode()
    return struct.pack("!I", len(body)) + body


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """That many bytes; EOFError when the other side is gone."""
    parts = bytearray(size)
    view, done = memoryview(parts), 0
    while done < size:
        got = connection.recv_into(view[done:])
        if not got:
            raise EOFError("the other side is gone")
        done += got
    return bytes(parts)


def read_frame(connection: socket.socket) -> dict[str, Any]:
    """The JSON of one frame."""
    (size,) = struct.unpack("!I", read_exactly(connection, 4))
    return cast(dict[str, Any], json.loads(read_exactly(connection, size)))
