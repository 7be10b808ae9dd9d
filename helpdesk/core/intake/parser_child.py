"""One parsing child process: it gets raw messages over a socket pair and answers with what they contain."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from base64 import b64decode

from helpdesk.core.channels.channel_events import ChannelEvent, as_list
from helpdesk.core.channels.json import from_json
from helpdesk.core.channels.types import AccountView, RawMessage
from helpdesk.core.errors import HelpdeskError, Malformed, _

from .frames import frame, read_frame

STARTING = 30.0  # seconds a child may take to begin, and to be handed its work

Parsed = list[ChannelEvent]
Job = tuple[str, AccountView, RawMessage]


class ParserDied(HelpdeskError):
    """The child was killed or crashed on this raw message; another try may help, a third is the last."""


class TookTooLong(ParserDied):
    """It was not read within the time allowed; with more time it may be."""


class NoSpace(HelpdeskError):
    """Its files could not be stored because the disk is full: no fault of the raw message."""


class Child:
    """One parsing process."""

    def __init__(self, command: list[str], environment: dict[str, str], nice: int = 0):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [*command, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        theirs.close()
        if nice:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, os.getpriority(os.PRIO_PROCESS, 0) + nice)
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
        return str(read_frame(self.socket)["cleaned"])

    def picture(self, content: bytes, deadline: float) -> bytes:
        """A picture made anew, nothing for what is none; TimeoutError or EOFError when it was too much."""
        self.begin()
        self.socket.sendall(frame({"picture": len(content)}) + content)
        self.socket.settimeout(deadline)
        return b64decode(read_frame(self.socket)["picture"])

    def end(self) -> None:
        """Let the process go, by force if need be."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


def died(error: Exception) -> ParserDied:
    """The error that stands for whatever broke the exchange with a child."""
    if isinstance(error, TimeoutError):
        return TookTooLong(_("Reading it took longer than the time allowed."))
    if isinstance(error, OSError | EOFError):
        return ParserDied(_("Reading it needed more memory than is allowed, or ended the reader."))
    return ParserDied(_("What the reader made of it cannot be understood (%(fault)s)."), fault=type(error).__name__)
