"""The sending side of ``intake.sock``: raw messages for the desk that runs on a data folder.

Standard library only: other programs start one process a message, and what that imports is most of its cost.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpdesk.core.intake.frames import frame, read_frame


def connect(data_dir: Path) -> socket.socket | None:
    """A connection to the desk that runs on this folder; None when none does."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(short(data_dir / "intake.sock"))
    except OSError:
        connection.close()
        return None
    return connection


def begin(connection: socket.socket, account: str, wait: bool, channel: str = "") -> None:
    """Say whose raw messages follow; with ``channel`` the account must be one of that channel."""
    connection.sendall(frame({"account": account, "wait": wait, "channel": channel}))


def store(connection: socket.socket, load: Iterable[tuple[str, str, bytes]]) -> dict[str, Any]:
    """Send (external id, ISO 8601 moment, bytes) of each raw message; the desk's answer has ``stored`` or ``error``
    (``dump_message``). EOFError when it went away.
    """
    for external_id, at, raw in load:
        connection.sendall(frame({"external_id": external_id, "at": at, "size": len(raw)}) + raw)
    connection.sendall(frame({"flush": True}))
    return read_frame(connection)


def finish(connection: socket.socket) -> dict[str, Any]:
    """Say that this was all; the counts of what it became."""
    connection.sendall(frame({"end": True}))
    return read_frame(connection)


def short(path: Path) -> str:
    """A socket's path may have 107 bytes; a long one is reached through this process's view of its folder."""
    if len(os.fsencode(path)) < 100:
        return str(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{folder}/{path.name}"
