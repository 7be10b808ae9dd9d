"""Who may open a socket at all, and what a frame may be. The desk's own is for somebody signed in, from a page of ours.

Everything is asked before the protocol begins, so that a stranger's bytes never reach it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core.network import place
from helpdesk.web import current_user
from helpdesk.web.health.metrics import REFUSED
from helpdesk.web.http.budgets import Budget, Seats

from .budget import Metered
from .frames import text_frame

FRAME = 16 * 1024  # bytes of one frame
FRAMES, BYTES, WITHIN = 100, 64 * 1024, 10.0  # of any kind, in so many seconds: more than a person's page sends
OF_PERSON, OF_ADDRESS = 60, 5_000  # sockets open at once: an office behind one address has many people
MANY = "Too many of your pages are open at once. Please close some of them."
PORTION = 1024  # bytes parsed before others have a turn
CONTROL = frozenset("123")
MESSAGES = frozenset({"40", "41", "42", "43"})

log = logging.getLogger("hamdel.live")
_said: set[str] = set()


@dataclass(frozen=True)
class Limits:
    """Of one socket: bytes of a frame; frames of any kind, and bytes, in so many seconds."""

    frame: int = FRAME
    frames: int = FRAMES
    bytes: int = BYTES
    within: float = WITHIN


@dataclass(frozen=True)
class Asker:
    """Who asks for a socket: ``refusal`` says why not, "" for nothing; ``seats`` how many sockets each name may have
    open.
    """

    refusal: str = ""
    seats: Mapping[str, int] | None = None


def guard(app: Flask, server: Any, path: str, ask: Callable[[dict], Asker], limits: Limits) -> None:
    """Stand before a socket server of this application."""
    inner, seats = app.wsgi_app, Seats()

    def asked(environ: dict, start_response: Callable):
        if not environ.get("PATH_INFO", "").startswith(path):
            return inner(environ, start_response)
        asker = ask(environ)
        if asker.refusal:
            _note(asker.refusal)
            return _refuse("403 Forbidden", "", start_response)
        environ.pop(
            "HTTP_SEC_WEBSOCKET_EXTENSIONS", None
        )  # compression would cost 300 kB and much time for each console
        with seats.taken(asker.seats or {}) as welcome:  # a websocket is served until it ends
            if welcome:
                return inner(environ, start_response)
        _note("number")
        return _refuse("429 Too Many Requests", MANY, start_response)

    app.wsgi_app = asked
    _limit_frames(server, limits)
    _end_garbage(server)


def _note(why: str) -> None:
    REFUSED.labels(why).inc()
    if why not in _said:
        _said.add(why)
        log.warning("a socket was refused by its %s; more of these are only counted", why)


def _refuse(status: str, text: str, start_response: Callable) -> list[bytes]:
    body = text.encode()
    kind = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, kind + ([("Retry-After", "60")] if text else []))
    return [body]


def ask_signed_in(app: Flask, environ: dict) -> Asker:
    """A page of another site has another origin; what has none is no page (check R02)."""
    origin = environ.get("HTTP_ORIGIN", "")
    here = f"{environ.get('wsgi.url_scheme')}://{environ.get('HTTP_HOST')}"
    if not origin or origin not in (here, app.extensions["runtime"].config.url):
        return Asker("origin")
    try:
        with app.request_context(environ):
            user = current_user()
    except SQLAlchemyError:
        return Asker("database")
    if user is None:
        return Asker("session")
    return Asker(seats={f"user {user.id}": OF_PERSON, f"from {place(environ.get('REMOTE_ADDR'))}": OF_ADDRESS})


def _limit_frames(server: Any, limits: Limits) -> None:
    """Break off a frame that is too long while it comes in, and end a connection that floods or misspeaks the
    protocol. What goes out to many is made into bytes once.
    """
    plain = server.eio._async["websocket"]

    class Limited(plain):
        def __init__(self, handler, eio):
            super().__init__(handler, eio)
            thread = self.server_args.get("thread_class") or threading.Thread
            metered = partial(
                _metered, thread, limits
            )  # made between handshake and first read: the one moment at which the socket can be exchanged
            self.server_args |= {"max_message_size": limits.frame, "receive_bytes": PORTION, "thread_class": metered}
            self.frames = Budget(limits.frames, limits.within)

        def wait(self):
            frame = super().wait()
            if frame is None:
                return None
            if self.frames.take(1) and _is_ours(frame):
                return frame
            REFUSED.labels("frame" if self.frames.left >= 0 else "flood").inc()
            return None  # as if the other side had gone

        def send(self, message):
            if not isinstance(message, str):
                return super().send(message)
            if not self.ws.connected:
                raise OSError("the other side is gone")
            frame = text_frame(message)
            sent = self.ws.sock.send(frame)  # nearly always all of it; ``sendall`` asks the system more each time
            if sent < len(frame):
                self.ws.sock.sendall(frame[sent:])

    server.eio._async = {**server.eio._async, "websocket": Limited}


def _metered(thread: type, limits: Limits, target: Callable):
    """The thread that reads a websocket, its socket metered."""
    websocket = target.__self__
    websocket.sock = Metered(websocket.sock, Budget(limits.bytes, limits.within), REFUSED.labels("flood").inc)
    return thread(target=target)


def _is_ours(frame) -> bool:
    """Closing, ping, pong, and of messages: connecting, leaving, events and answers. None of ours has binary parts."""
    return isinstance(frame, str) and (frame[:1] in CONTROL or frame[:2] in MESSAGES)


def _end_garbage(server: Any) -> None:
    """Close the connection of a client that sends a frame which cannot be parsed."""
    understand = server._handle_eio_message

    def message(sid: str, data) -> None:
        try:
            understand(sid, data)
        except Exception:
            REFUSED.labels("frame").inc()
            server.start_background_task(hang_up, server, sid)

    server.eio.on("message", message)


def hang_up(server, transport: str) -> None:
    """End the connection itself, not only a namespace of it."""
    server.eio.disconnect(transport)
