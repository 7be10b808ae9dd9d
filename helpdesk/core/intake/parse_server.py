"""What a parsing child does: reads raw messages and texts from a socket, stores attachments as blobs, answers in
JSON, within limits on memory.
"""

from __future__ import annotations

import os
import resource
import socket
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from helpdesk.core.channels.address_types import File
from helpdesk.core.channels.channel_events import ChannelEvent, Inbound, Report, as_list
from helpdesk.core.channels.json import to_json
from helpdesk.core.channels.types import AccountView, RawMessage
from helpdesk.core.errors import Malformed, out_of_space
from helpdesk.core.storage.blobs import Blobs

from .frames import frame, read_exactly, read_frame
from .parser_child import Job, Parsed

MEMORY = 400 * 1024 * 1024  # bytes of address space beyond what the child began with


def store_files(parsed: Parsed, blobs: Blobs) -> Parsed:
    """Put the contents of attachments into the blob folder, leaving their hashes. What is to be fetched has none
    yet.
    """
    return [_with_files_stored(event, blobs) for event in parsed]


def _with_files_stored(event: ChannelEvent, blobs: Blobs) -> ChannelEvent:
    if isinstance(event, Report) and event.otherwise:
        return replace(event, otherwise=cast(Inbound, _with_files_stored(event.otherwise, blobs)))
    return (
        replace(event, files=[_stored(f, blobs) for f in event.files])
        if isinstance(event, Inbound) and event.files
        else event
    )


def _stored(file: File, blobs: Blobs) -> File:
    if file.sha256 or file.ref:
        return file
    return replace(file, sha256=blobs.put(file.content), size=len(file.content), content=b"")


def serve(
    connection: socket.socket,
    channels: dict[str, type],
    blobs: Blobs,
    limit: Callable[[], None],
    clean: Callable[[str], str],
    picture: Callable[[bytes], bytes],
) -> None:
    """The child's loop: read a raw message, a text to ``clean`` or a ``picture``, answer, until the pipe is closed."""
    limit()
    connection.setblocking(True)  # under gevent the other side made it otherwise
    with suppress(EOFError, ConnectionError):
        connection.sendall(frame({"ready": True}))
        while True:
            asked = read_frame(connection)
            if "clean" in asked:
                connection.sendall(frame({"cleaned": clean(asked["clean"])}))
            if "picture" in asked:
                connection.sendall(frame(_drawn(read_exactly(connection, asked["picture"]), picture)))
            for job in [_job(connection) for _number in range(asked.get("jobs", 0))]:
                connection.sendall(frame(_understand(job, channels, blobs)))


def _drawn(content: bytes, picture: Callable[[bytes], bytes]) -> dict[str, Any]:
    try:
        return {"picture": b64encode(picture(content)).decode()}
    except ValueError:
        return {"picture": ""}
    except MemoryError:
        os._exit(3)


def _job(connection: socket.socket) -> Job:
    header = read_frame(connection)
    about = header["raw_message"]
    raw_message = RawMessage(
        about["external_id"], read_exactly(connection, about["size"]), datetime.fromisoformat(about["at"])
    )
    return header["channel"], AccountView(**header["account"]), raw_message


def _understand(job: Job, channels: dict[str, type], blobs: Blobs) -> dict[str, Any]:
    channel, account, raw_message = job
    try:
        return {"parsed": to_json(store_files(as_list(channels[channel](account).parse(raw_message)), blobs))}
    except Malformed as error:
        return {"malformed": error.sentence, "values": error.values}
    except MemoryError:
        os._exit(3)
    except Exception as error:
        if out_of_space(error):
            return {"full": True}
        return {"fault": f"{type(error).__name__}: {error}"[:500]}


def limit_memory() -> None:
    """Take on the limit: ``MEMORY`` beyond what this process has now."""
    with open("/proc/self/statm") as file:
        begun = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (begun + MEMORY, begun + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
