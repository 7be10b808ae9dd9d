"""The mail server of everybody outside: it takes whatever the desk sends to anybody, and keeps it."""

from __future__ import annotations

import logging
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .store import Store

AGAIN = 10.0  # seconds until a taken port is tried again
LARGEST = 60_000_000  # bytes

log = logging.getLogger("hamdel.mailbox")


def deliver(house, stopping: threading.Event) -> None:
    """Serve until told to stop; where this is no demo, there is nothing to serve."""
    store = Store(house.data_dir)
    if not store.exists:
        return
    server = Server(Postman(store), hostname="127.0.0.1", port=store.port)
    while not _started(server) and not stopping.wait(AGAIN):
        pass
    stopping.wait()
    server.stop(no_assert=True)


def _started(server: Controller) -> bool:
    try:
        server.start()
    except OSError:
        log.warning("port %s, to which the demo's customers' mail goes, is taken", server.port)
        return False
    return True


class Server(Controller):
    """aiosmtpd's thread with its event loop."""

    def factory(self) -> SMTP:
        """One protocol object for each connection."""
        return SMTP(self.handler, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="customers.example")


class Postman:
    """Puts each mail into the store."""

    def __init__(self, store: Store):
        self.store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail with the lines that a final delivery puts on top (RFC 5321 §4.4)."""
        stamp = f"Return-Path: <{envelope.mail_from}>\r\n" + "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        self.store.keep(stamp.encode("utf-8", "surrogateescape") + envelope.original_content, came=True)
        return "250 2.0.0 Delivered"
