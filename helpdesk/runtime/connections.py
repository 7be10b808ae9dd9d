"""One connection to the web server: what a request may look like, how long it may take, and whose request is
answered next.
"""

from __future__ import annotations

import heapq
import logging
import re
import time
from contextlib import suppress
from http.client import HTTPException
from itertools import count
from socket import SHUT_RDWR

import gevent
from gevent.event import Event
from gevent.pywsgi import Input, WSGIHandler
from werkzeug.exceptions import RequestTimeout

from .places import TOO_MANY, Places

HEAD = 16 * 1024  # bytes of all header lines of a request
HEAD_ITEMS = 1_000  # commas and semicolons in them: each item of Accept or Cookie is parsed
BODY_SECONDS = 30.0  # for any body, and
BODY_RATE = 20 * 1024  # bytes a second at least for a long one
LINGER = 5.0  # seconds to read what is left of a body after the answer, so that the sender gets to see it
PORTION = 64 * 1024  # bytes

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

log = logging.getLogger("hamdel.server")


class Usage:
    """Seconds used lately: what lies a second back counts half."""

    def __init__(self):
        self._seconds, self._at = 0.0, time.monotonic()

    def now(self) -> float:
        """As of this moment."""
        return self._seconds * 0.5 ** (time.monotonic() - self._at)

    def set(self, seconds: float) -> None:
        """So many, from this moment on."""
        self._seconds, self._at = seconds, time.monotonic()


class Turns:
    """Decides which of the busy connections is served next: the one that used the least time lately, after everybody
    else.

    The event loop runs one request at a time. Without this, a request waits behind one of each client that never
    pauses.
    """

    free = 0.015  # seconds lately used up to which a connection is never made to wait, or
    share = 1 / 3  # of what the greediest connection used
    patience = 0.1  # seconds to wait at most, since a request may itself wait for something else

    def __init__(self):
        self._holder: Event | None = None
        self._waiting: list[tuple[float, int, Event]] = []
        self._numbers = count()
        self._most = Usage()

    def run(self, used: float, act):
        """Call ``act`` when it is this connection's turn, which used so many seconds lately."""
        most = self._most.now()
        if used <= max(self.free, self.share * most):
            return act()
        self._most.set(max(used, most))
        turn = self._take(used)
        try:
            with gevent.Timeout(self.patience, False):
                gevent.idle()  # until what has come meanwhile is read and answered
            return act()
        finally:
            self._give(turn)

    def _take(self, used: float) -> Event:
        turn = Event()
        if self._holder is None:
            self._holder = turn
        else:
            heapq.heappush(self._waiting, (used, next(self._numbers), turn))
            if not turn.wait(self.patience):
                self._waiting = [each for each in self._waiting if each[2] is not turn]
                heapq.heapify(self._waiting)
        return turn

    def _give(self, turn: Event) -> None:
        if self._holder is turn:
            self._holder = heapq.heappop(self._waiting)[2] if self._waiting else None
            if self._holder:
                self._holder.set()


OF_PARTS = re.compile("Multipart|Boundary")  # defects of a body, which the parser looks for before it is there


class Body(Input):
    """A request's body, with one deadline for all of it. ``waited`` are the seconds it took to come."""

    until: float | None = None
    waited = 0.0
    rest_is_read = False

    def read(self, length=None):
        """As of any file; RequestTimeout when the deadline has passed."""
        began = time.monotonic()
        try:
            gevent.sleep(0)
            with self._in_time():
                return super().read(length)
        finally:
            self.waited += time.monotonic() - began

    def readline(self, size=None):
        """As ``read``."""
        with self._in_time():
            return super().readline(size)

    def _in_time(self) -> gevent.Timeout:
        if self.until is None:
            self.until = time.monotonic() + BODY_SECONDS + (self.content_length or 0) / BODY_RATE
        return gevent.Timeout(max(0.001, self.until - time.monotonic()), RequestTimeout())

    def _discard(self) -> None:
        """Read what the application left, for a moment; a client that waits for "100 Continue" will not send it."""
        refused = self.socket is not None or self._chunked_input_error
        if refused and (self.content_length or self.chunked_input):
            return
        self.send_100_continue_enabled = False
        try:
            with gevent.Timeout(LINGER, False):
                while super().read(PORTION):
                    gevent.sleep(0)
                self.rest_is_read = True
        finally:
            self.send_100_continue_enabled = True


class Handler(WSGIHandler):
    """One connection. Client bytes are never logged, and no request follows a websocket on its connection."""

    places = Places(most=4_096)
    idle = 75.0  # seconds for the first byte of a request; longer than proxies keep a connection that rests
    asking = 30.0  # seconds for the rest of the request's head
    most = 1_000  # requests, then the connection is closed
    turns = Turns()

    def __init__(self, *given):
        super().__init__(*given)
        self._asked, self._usage = 0, Usage()
        self.address, self.resting = self.client_address[0], False

    def handle(self):
        """Serve the connection, when there is a place for it."""
        if not self.places.enter(self):
            self.socket.sendall(TOO_MANY)
            self.handle_one_request = lambda: None
        try:
            super().handle()
        finally:
            self.places.leave(self)

    def end(self):
        """Close a connection that rests."""
        self.places.leave(self)
        with suppress(OSError):
            self.socket.shutdown(SHUT_RDWR)

    def handle_one_request(self):
        """The next request of this connection, after everybody else had a turn; times out slow ones (check L09)."""
        gevent.sleep(0)
        self._begun = False
        with gevent.Timeout(self.idle, False) as self._patience:
            return super().handle_one_request()
        return ("408", TOO_SLOW) if self._begun else None

    def read_requestline(self):
        """The first line of a request. Bytes of an address that were not percent-encoded are now: read as Latin-1
        some are white space.
        """
        self.places.rest(self)
        self.resting = True
        self._begun = bool(self.rfile.peek(1))
        self.resting = False
        self._patience.cancel()
        self._patience.seconds = self.asking
        self._patience.start()
        return re.sub(r"[\x80-\xff]", lambda byte: f"%{ord(byte[0]):02X}", super().read_requestline())

    def MessageClass(self, rfile, *given):  # noqa: N802 (the library's name)
        """The header fields; refused when they are too many or leave open where the body ends (RFC 9112, section
        6.3).
        """
        try:
            headers = super().MessageClass(_Head(rfile), *given)
        except HTTPException as error:
            raise ValueError(str(error)) from None
        lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
        exact = all(re.fullmatch("[0-9]{1,15}", value.strip()) for value in lengths) and all(
            value.strip().lower() == "chunked" for value in codings
        )
        if (
            len(lengths) + len(codings) > 1
            or not exact
            or any(not OF_PARTS.search(type(defect).__name__) for defect in headers.defects)
        ):
            headers.status = "the length of the body is not clear"
        return headers

    def get_environ(self):
        """As of any WSGI server, with our ``Body``."""
        environ = super().get_environ()
        plain = self.wsgi_input
        self.wsgi_input = environ["wsgi.input"] = Body(
            plain.rfile, plain.content_length, plain.socket, plain.chunked_input
        )
        return environ

    def finalize_headers(self):
        """Say so when the connection is to be closed."""
        super().finalize_headers()
        if self.close_connection and self.request_version == "HTTP/1.1" and not self.connection_upgraded:
            self.response_headers.append((b"Connection", b"close"))

    def handle_one_response(self):
        """Answer one request, however long that takes."""
        self._patience.cancel()
        self._asked += 1
        self.close_connection = self.close_connection or self._asked >= self.most
        upgrade = "HTTP_UPGRADE" in self.environ
        if not upgrade:
            self.application = self._in_turn
        super().handle_one_response()
        if upgrade or not self.wsgi_input.rest_is_read:
            self.close_connection = True

    def _in_turn(self, environ, start_response):
        return self.turns.run(self._usage.now(), lambda: self._timed(environ, start_response))

    def _timed(self, environ, start_response):
        began = time.monotonic()
        try:
            return self.server.application(environ, start_response)
        finally:
            self._usage.set(self._usage.now() + time.monotonic() - began - self.wsgi_input.waited)

    def log_error(self, _message, *_given):
        """Somebody does not speak HTTP; their bytes are not worth a line each."""
        log.debug("a request could not be read")

    def _log_error(self, kind, error, trace):
        if not isinstance(error, OSError):
            log.error("an answer failed", exc_info=(kind, error, trace))


class _Head:
    """The header lines of one request, no more than ``HEAD`` bytes and ``HEAD_ITEMS`` items."""

    def __init__(self, rfile):
        self.rfile, self.size, self.items = rfile, 0, 0

    def readline(self, most: int) -> bytes:
        line = self.rfile.readline(min(most, HEAD + 1))
        self.size += len(line)
        self.items += line.count(b",") + line.count(b";")
        if self.size > HEAD or self.items > HEAD_ITEMS:
            raise ValueError("the head of this request is too large")
        return line
