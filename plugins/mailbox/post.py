"""The mail server of everybody outside: it takes whatever the desk sends to anybody (RFC 5321), and keeps it.

It stands on plain sockets: beside the desk's listener there is no room for a second asyncio loop in a process on
gevent.
"""

from __future__ import annotations

import logging
import re
import socketserver
import threading

from helpdesk.api.settings import is_demo

from .store import Store

AGAIN = 10.0  # seconds until a taken port is tried again
PATIENCE = 60.0  # seconds a client may be silent
LINE = 1_000_000  # bytes
LARGEST = 60_000_000  # bytes of a mail
PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)

log = logging.getLogger("hamdel.mailbox")


def deliver(runtime, stopping: threading.Event) -> None:
    """Serve until told to stop; where this is no demo, there is nothing to serve."""
    store = Store(runtime.data_dir)
    while is_demo(runtime) and store.port and not stopping.is_set():
        try:
            server = Server(store)
        except OSError:
            log.warning("port %s, to which the demo's customers' mail goes, is taken", store.port)
            stopping.wait(AGAIN)
            continue
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stopping.wait()
        server.shutdown()
        server.server_close()


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection, all on the same store."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, store: Store):
        self.store = store
        super().__init__(("127.0.0.1", store.port), Talk)


class Talk(socketserver.StreamRequestHandler):
    """One connection: envelope after envelope until the client has had enough."""

    timeout = PATIENCE

    def handle(self) -> None:
        """Answer each command by its method ``smtp_…``."""
        self._forget()
        self._say("220 customers.example ESMTP")
        try:
            while not self.over and (line := self.rfile.readline(LINE)):
                command = getattr(self, f"smtp_{line[:4].decode('latin-1').strip().lower()}", None)
                self._say(command(line) if command else "500 5.5.2 What is that?")
        except OSError:
            return

    def smtp_ehlo(self, line: bytes) -> str:
        """The greeting; what we can do beyond the minimum."""
        self._forget()
        return f"250-customers.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {LARGEST}"

    def smtp_helo(self, line: bytes) -> str:
        """The old greeting."""
        return "250 customers.example"

    def smtp_mail(self, line: bytes) -> str:
        """Who sends."""
        self._forget()
        self.sender = PATH.search(line)
        return "250 2.1.0 OK" if self.sender else "501 5.5.4 Write MAIL FROM:<address>"

    def smtp_rcpt(self, line: bytes) -> str:
        """For whom; everybody lives here."""
        path = PATH.search(line)
        if not self.sender or not path:
            return "503 5.5.1 Who sends it, and to whom?"
        self.recipients.append(path[1])
        return "250 2.1.5 OK"

    def smtp_data(self, line: bytes) -> str:
        """The mail, up to the line with a single dot, kept with the lines a final delivery puts on top (RFC 5321
        §4.4).
        """
        if not self.recipients:
            return "503 5.5.1 To whom?"
        self._say("354 Go on")
        content = self._content()
        if content is None:
            return "552 5.3.4 That is too large"
        stamp = b"Return-Path: <%s>\r\n" % self.sender[1] + b"".join(
            b"Delivered-To: %s\r\n" % address for address in self.recipients
        )
        self.server.store.keep(stamp + content, came=True)
        self._forget()
        return "250 2.0.0 Delivered"

    def smtp_rset(self, line: bytes) -> str:
        """Begin again."""
        self._forget()
        return "250 2.0.0 OK"

    def smtp_noop(self, line: bytes) -> str:
        """Nothing."""
        return "250 2.0.0 OK"

    def smtp_quit(self, line: bytes) -> str:
        """Enough."""
        self.over = True
        return "221 2.0.0 Goodbye"

    def _content(self) -> bytes | None:
        lines, size = [], 0
        while (line := self.rfile.readline(LINE)) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= LARGEST:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= LARGEST else None

    def _forget(self) -> None:
        self.sender, self.recipients, self.over = None, [], False

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")
