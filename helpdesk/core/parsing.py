"""Understanding hostile bytes in child processes: limits on memory and time, JSON out, never pickle (law 1).

One frame each way over a socket pair: four bytes of length, JSON; on the way in the raw bytes follow the JSON. The child stores
attachments as blobs itself, so that only hashes come back.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from .blobs import Blobs
from .channels import AccountView, File, Inbound, Parcel, Report, from_json, to_json
from .errors import HelpdeskError, Malformed, _

DEADLINE = 10.0  # seconds one parcel may take
MEMORY = 400 * 1024 * 1024  # bytes of address space beyond what the child began with
IDLE = 60.0  # seconds after which a child that has nothing to do is let go


class ParserDied(HelpdeskError):
    """The child was killed or fell over this parcel; trying again may help, thrice does not."""


class Child:
    """One parsing process."""

    def __init__(self, command: list[str]):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [*command, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, close_fds=True
        )
        theirs.close()
        self.socket = ours
        self.idle_since = time.monotonic()

    def ask(self, header: dict, raw: bytes, deadline: float) -> dict:
        """Send one parcel and wait for the answer; TimeoutError or ConnectionError when there is none."""
        self.socket.settimeout(deadline)
        self.socket.sendall(frame(header) + raw)
        return read_frame(self.socket)

    def end(self) -> None:
        """Let the process go, by force if need be."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


class ParserPool:
    """Up to ``size`` children, started when needed. ``parse`` may be called from several threads or greenlets."""

    def __init__(self, command: list[str] | None = None, size: int = 2, deadline: float = DEADLINE):
        self.command = command or [sys.executable, "-m", "helpdesk.parser"]
        self.deadline = deadline
        self._free: list[Child] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)

    def parse(self, channel: str, account: AccountView, parcel: Parcel) -> Inbound | Report | None:
        """What the channel makes of a parcel. Malformed when it cannot be read, ParserDied when it broke the child."""
        header = {
            "channel": channel,
            "account": {"id": account.id, "name": account.name, "address": account.address, "settings": dict(account.settings)},
            "parcel": {"external_id": parcel.external_id, "at": parcel.at.isoformat(), "size": len(parcel.raw)},
        }
        with self._child() as child:
            answer = child.ask(header, parcel.raw, self.deadline)
        if "malformed" in answer:
            raise Malformed(answer["malformed"], **answer.get("values", {}))
        if "fault" in answer:
            raise ParserDied(_("The channel's own code failed on these bytes: %(fault)s"), fault=answer["fault"])
        return from_json(answer["parsed"])

    def shrink(self, idle: float = IDLE) -> None:
        """End children that had nothing to do for ``idle`` seconds."""
        with self._lock:
            old = [c for c in self._free if time.monotonic() - c.idle_since > idle]
            self._free = [c for c in self._free if c not in old]
        for child in old:
            child.end()

    def close(self) -> None:
        """End every child."""
        self.shrink(idle=-1)

    @contextmanager
    def _child(self):
        with self._places:
            with self._lock:
                child = self._free.pop() if self._free else None
            child = child or Child(self.command)
            try:
                yield child
            except (TimeoutError, OSError, EOFError) as error:
                child.end()
                raise ParserDied(_reason(error)) from error
            except BaseException:
                child.end()
                raise
            child.idle_since = time.monotonic()
            with self._lock:
                self._free.append(child)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _("Reading it took longer than the time allowed.")
    return _("Reading it needed more memory than is allowed, or ended the reader.")


# The wire ---------------------------------------------------------------------------------------------------------


def frame(data: dict) -> bytes:
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


def read_frame(connection: socket.socket) -> dict:
    """The JSON of one frame."""
    (size,) = struct.unpack("!I", read_exactly(connection, 4))
    return json.loads(read_exactly(connection, size))


def store_files(parsed: Inbound | Report | None, blobs: Blobs) -> Inbound | Report | None:
    """Put the contents of attachments into the blob folder, leaving their hashes."""
    if not isinstance(parsed, Inbound) or not parsed.files:
        return parsed
    files = [
        replace(f, sha256=blobs.put(f.content), size=len(f.content), content=b"") if not f.sha256 else f for f in parsed.files
    ]
    return replace(parsed, files=files)


def serve(connection: socket.socket, channels: dict[str, type], blobs: Blobs, limit: Callable[[], None]) -> None:
    """The child's whole life: read a parcel, answer, until the other side hangs up."""
    limit()
    while True:
        try:
            header = read_frame(connection)
        except EOFError:
            return
        about = header["parcel"]
        parcel = Parcel(about["external_id"], read_exactly(connection, about["size"]), datetime.fromisoformat(about["at"]))
        account = AccountView(**header["account"])
        try:
            parsed = channels[header["channel"]](account).parse(parcel)
            answer = {"parsed": to_json(store_files(parsed, blobs))}
        except Malformed as error:
            answer = {"malformed": error.sentence, "values": error.values}
        except MemoryError:
            os._exit(3)
        except Exception as error:
            answer = {"fault": f"{type(error).__name__}: {error}"[:500]}
        connection.sendall(frame(answer))
