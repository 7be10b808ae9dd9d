"""Understanding hostile bytes in child processes: limits on memory and time, JSON out, never pickle (law 1).

One frame each way over a socket pair: four bytes of length, JSON; on the way in the raw bytes follow the JSON. The child stores
attachments as blobs itself, so that only hashes come back.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime

from helpdesk.core.channels.address_types import File
from helpdesk.core.channels.channel_events import ChannelEvent, Inbound, Report, as_list
from helpdesk.core.channels.json import from_json, to_json
from helpdesk.core.channels.types import AccountView, RawMessage
from helpdesk.core.errors import HelpdeskError, Malformed, Unavailable, _, out_of_space
from helpdesk.core.storage.blobs import Blobs

STARTING = 30.0  # seconds a child may take to begin, and to be handed its work
DEADLINE = 5.0  # seconds one raw message may take among others
SLOWLY = 60.0  # seconds it may take when it is read again by itself
CLEANING = 3.0  # seconds one text's formatting may take
MEMORY = 400 * 1024 * 1024  # bytes of address space beyond what the child began with
PORTION = 8 * 1024 * 1024  # bytes of raw messages a child is given at once
IDLE = 300.0  # seconds after which a child that has nothing to do is let go


Parsed = list[ChannelEvent]
Job = tuple[str, AccountView, RawMessage]


class ParserDied(HelpdeskError):
    """The child was killed or fell over this raw message; trying again may help, thrice does not."""


class TookTooLong(ParserDied):
    """It was not read within the time allowed; with more time it may be."""


class NoSpace(HelpdeskError):
    """Its files could not be stored because the disk is full: no fault of the raw message."""


class Child:
    """One parsing process."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [*command, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        theirs.close()
        self.socket = ours
        self.ready = False
        self.idle_since = time.monotonic()

    def begin(self) -> None:
        """Wait until it is ready to read."""
        self.socket.settimeout(STARTING)
        if not self.ready:
            self.ready = bool(read_frame(self.socket))

    def ask(self, jobs: list[Job]) -> None:
        """Hand over raw messages; the child reads all of them before it answers the first."""
        self.begin()
        parts = [frame({"jobs": len(jobs)})]
        for channel, account, raw_message in jobs:
            known = {
                "id": account.id,
                "name": account.name,
                "address": account.address,
                "settings": dict(account.settings),
            }
            about = {
                "external_id": raw_message.external_id,
                "at": raw_message.at.isoformat(),
                "size": len(raw_message.raw),
            }
            parts += [frame({"channel": channel, "account": known, "raw_message": about}), raw_message.raw]
        self.socket.sendall(b"".join(parts))

    def answer(self, deadline: float) -> Parsed | HelpdeskError:
        """The next answer; TimeoutError or EOFError when there is none."""
        self.socket.settimeout(deadline)
        answer = read_frame(self.socket)
        if "malformed" in answer:
            return Malformed(answer["malformed"], **answer.get("values", {}))
        if "full" in answer:
            return NoSpace(_("The disk has no room for its files."))
        if "fault" in answer:
            return ParserDied(_("The channel's own code failed on these bytes: %(fault)s"), fault=answer["fault"])
        return as_list(from_json(answer["parsed"]))

    def clean(self, html: str, deadline: float) -> str:
        """HTML made safe; TimeoutError or EOFError when it was too much."""
        self.begin()
        self.socket.sendall(frame({"clean": html}))
        self.socket.settimeout(deadline)
        return read_frame(self.socket)["cleaned"]

    def end(self) -> None:
        """Let the process go, by force if need be."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


class ParserPool:
    """Up to ``size`` children, started when needed. ``parse`` may be called from several threads or greenlets."""

    def __init__(
        self, environment: dict[str, str], command: list[str] | None = None, size: int = 2, deadline: float = DEADLINE
    ):
        self.command = command or [sys.executable, "-m", "helpdesk.runtime.parse_worker"]
        self.environment = environment
        self.deadline = deadline
        self._free: list[Child] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)
        self.slowly = SLOWLY
        self._alone = threading.BoundedSemaphore(1)  # for what is read slowly
        self._cleaning = threading.BoundedSemaphore(
            1
        )  # a place of its own, so that nobody's formatting keeps messages waiting

    def parse(self, channel: str, account: AccountView, raw_message: RawMessage) -> Parsed:
        """What the channel makes of a raw message. Malformed when it cannot be read, ParserDied when it broke the child."""
        (result,) = self.parse_many([(channel, account, raw_message)])
        if isinstance(result, HelpdeskError):
            raise result
        return result

    def clean(self, html: str) -> str:
        """HTML made safe by a child (``serve``'s ``clean``); ParserDied when it needs too much, Unavailable when others are before it."""
        if not self._cleaning.acquire(timeout=STARTING):
            raise Unavailable(_("The desk cannot do this right now. Please try again in a moment."))
        try:
            with self._child(nullcontext()) as child:
                return child.clean(html, CLEANING)
        except (OSError, EOFError) as error:
            raise _died(error) from None
        finally:
            self._cleaning.release()

    def parse_many(self, jobs: list[Job]) -> list[Parsed | HelpdeskError]:
        """The same for several, in their order; errors are returned in the places of what they concern."""
        results: list[Parsed | HelpdeskError] = []
        while len(results) < len(jobs):
            results += self._some(_portion(jobs[len(results) :]))
        return results

    def parse_slowly(self, jobs: list[Job]) -> list[Parsed | HelpdeskError]:
        """The same for one that took too long among others, in a place of its own."""
        return self._some(jobs, self._alone, self.slowly)

    def _some(self, jobs: list[Job], place=None, deadline: float = 0) -> list[Parsed | HelpdeskError]:
        """Answers to the first of these jobs: all, or as far as the child came and an error for the one that ended it."""
        results: list[Parsed | HelpdeskError] = []
        try:
            with self._child(place) as child:
                child.ask(jobs)
                for _job in jobs:
                    results.append(child.answer(deadline or self.deadline))
        except Exception as error:  # whoever reads hostile bytes may answer anything
            results.append(_died(error))
        return results

    def warm(self) -> None:
        """Have a child ready, so that what is claimed afterwards is not long in hand; Unavailable when none can be started."""
        try:
            with self._child() as child:
                child.begin()
        except (OSError, EOFError) as error:
            raise Unavailable(
                _("What reads incoming messages cannot be started (%(fault)s)."), fault=type(error).__name__
            ) from error

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
    def _child(self, place=None):
        with place or self._places:
            child = self._waiting() or Child(self.command, self.environment)
            try:
                yield child
            except BaseException:
                child.end()
                raise
            child.idle_since = time.monotonic()
            with self._lock:
                self._free.append(child)

    def _waiting(self) -> Child | None:
        """A child that has nothing to do. One that was killed meanwhile is let go: what comes next had no part in that."""
        with self._lock:
            while self._free:
                child = self._free.pop()
                if child.process.poll() is None:
                    return child
                child.end()
        return None


def _portion(jobs: list[Job]) -> list[Job]:
    """As many jobs as may stand in a child's memory at once, at least one."""
    size, count = 0, 0
    for _channel, _account, raw_message in jobs:
        size += len(raw_message.raw)
        if count and size > PORTION:
            break
        count += 1
    return jobs[:count]


def _died(error: Exception) -> ParserDied:
    if isinstance(error, TimeoutError):
        return TookTooLong(_("Reading it took longer than the time allowed."))
    if isinstance(error, OSError | EOFError):
        return ParserDied(_("Reading it needed more memory than is allowed, or ended the reader."))
    return ParserDied(_("What the reader made of it cannot be understood (%(fault)s)."), fault=type(error).__name__)


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


def store_files(parsed: Parsed, blobs: Blobs) -> Parsed:
    """Put the contents of attachments into the blob folder, leaving their hashes. What is to be fetched has none yet."""
    return [_with_files_stored(event, blobs) for event in parsed]


def _with_files_stored(event: ChannelEvent, blobs: Blobs) -> ChannelEvent:
    if isinstance(event, Report) and event.otherwise:
        return replace(event, otherwise=_with_files_stored(event.otherwise, blobs))
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
) -> None:
    """The child's whole life: read a raw message or a text to ``clean``, answer, until the other side hangs up."""
    limit()
    connection.setblocking(True)  # under gevent the other side made it otherwise
    with suppress(EOFError, ConnectionError):
        connection.sendall(frame({"ready": True}))
        while True:
            asked = read_frame(connection)
            if "clean" in asked:
                connection.sendall(frame({"cleaned": clean(asked["clean"])}))
            for job in [_job(connection) for _number in range(asked.get("jobs", 0))]:
                connection.sendall(frame(_understand(job, channels, blobs)))


def _job(connection: socket.socket) -> Job:
    header = read_frame(connection)
    about = header["raw_message"]
    raw_message = RawMessage(
        about["external_id"], read_exactly(connection, about["size"]), datetime.fromisoformat(about["at"])
    )
    return header["channel"], AccountView(**header["account"]), raw_message


def _understand(job: Job, channels: dict[str, type], blobs: Blobs) -> dict:
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
