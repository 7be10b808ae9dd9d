"""What every stand-in is: a small HTTP server with a control surface, for tests and the demo."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import Request, urlopen

SLOW = 1.5  # seconds before a slow stand-in answers
LARGEST = 60_000_000  # bytes of a request


@dataclass
class Asked:
    """One request: ``given`` are its fields, from the query, a form or JSON; ``files`` {field: (name, type, bytes)}."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    given: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


@dataclass
class Reply:
    """What a stand-in answers; a body that is no bytes is sent as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn:
    """A provider on loopback. ``taken``, ``edited``, ``deleted`` and ``signals`` are what it was given, in order.

    ``fail`` says how it answers from now on: "", "down", "slow", "busy" (with ``after`` seconds to wait) or
    "lost" (it acts, and the line breaks before it says so).
    ``before_answer`` is called with the ids of a message before its sender learns them. ``clock`` gives its time in
    seconds.
    """

    loses = True

    def __init__(self, port: int = 0) -> None:
        self.taken: list[dict[str, Any]] = []
        self.edited: list[dict[str, Any]] = []
        self.deleted: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.fail, self.after = "", 7
        self.before_answer: Callable[[list[str]], None] = lambda ids: None
        self.clock: Callable[[], float] = time.time
        self.lock = RLock()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"stand_in": self}))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def pass_time(self, seconds: float) -> None:
        """Let its clock be this much ahead."""
        before = self.clock
        self.clock = lambda: before() + seconds

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked: Asked) -> Reply:
        """What the provider answers to one request."""
        raise NotImplementedError

    def busy(self) -> Reply:
        """What the provider answers to one request too many."""
        return Reply({}, 429, {"Retry-After": str(self.after)})


def push(url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """POST to a webhook, or GET without a body; (status, body), 0 when nobody answers."""
    try:
        request = Request(url, body, {"Content-Type": "application/json", **headers})
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        return refused.code, refused.read()
    except OSError:
        return 0, b""


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def _serve(self) -> None:
        stand_in, asked = self.stand_in, self._asked()
        if stand_in.fail == "down":
            self.close_connection = True
            return self.connection.close()
        if stand_in.fail == "slow":
            time.sleep(SLOW)
            return self._say(Reply({}, 504))
        reply = stand_in.busy() if stand_in.fail == "busy" else stand_in.answer(asked)
        if stand_in.fail == "lost":
            self.close_connection = True
            return self.connection.close()
        return self._say(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815  names of the standard library

    def _asked(self) -> Asked:
        size = min(int(self.headers.get("Content-Length") or 0), LARGEST)
        parts, body = urlsplit(self.path), self.rfile.read(size)
        asked = Asked(self.command, unquote(parts.path), self.headers, body, _fields(parts.query))
        kind = self.headers.get_content_type()
        if kind == "application/json" and body:
            given = json.loads(body)
            asked.given |= given if isinstance(given, dict) else {"": given}
        elif kind == "application/x-www-form-urlencoded":
            asked.given |= _fields(body.decode())
        elif kind == "multipart/form-data":
            _read_form(asked, self.headers["Content-Type"])
        return asked

    def _say(self, reply: Reply) -> None:
        raw = isinstance(reply.body, bytes)
        body = reply.body if raw else json.dumps(reply.body).encode()
        headers = {"Content-Type": "application/octet-stream" if raw else "application/json", **reply.headers}
        try:
            self.send_response(reply.status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # whoever asked has hung up

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _fields(text: str) -> dict[str, Any]:
    """The fields of a form; those of a name like ``types[]`` are a list."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.endswith("[]"):
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def _read_form(asked: Asked, kind: str) -> None:
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
    for part in form.iter_parts():
        name, content = str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True) or b""
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            asked.given[name] = content.decode()
        else:
            asked.files[name] = (str(part.get_filename()), part.get_content_type(), content)
