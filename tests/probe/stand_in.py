"""The provider of the probe channel, on loopback: it takes messages, gives updates and files, and fails as it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

TOKEN = "canary-token-7f3"  # what the account signs in with
SECRET = "canary-secret-91c"  # what pushes are signed with
AFTER = 7  # seconds it asks to be left alone when it is busy
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300


class StandIn:
    """``taken`` is what was sent, ``edited``, ``deleted``, ``signals`` the rest; ``fail`` how it answers from now on: "", down, slow, busy."""

    def __init__(self):
        self.taken: list[dict] = []
        self.edited: list[dict] = []
        self.deleted: list[dict] = []
        self.signals: list[dict] = []
        self.updates: list[dict] = []
        self.hook = ""
        self.fail, self.loses = "", True
        self.before_answer = lambda ids: None  # called with the ids a message gets, before whoever sent it learns them
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": self}))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def arrive(self, body: bytes) -> None:
        """Something for whoever polls."""
        self.updates.append({"number": len(self.updates) + 1, "body": base64.b64encode(body).decode()})

    def send(self, given: dict) -> dict:
        number = len(self.taken) + 1
        known = next((sent for sent in self.taken if sent["id"] == given["id"]), None)
        ids = known["ids"] if known else [f"{given['thread'] or given['to']}:{number}", f"w-{number}"]
        if not known:
            self.taken.append({**given, "ids": ids})
        self.before_answer(ids)
        return {"ids": ids}


@contextmanager
def standing_in():
    """A stand-in for the length of a test."""
    stand_in = StandIn()
    try:
        yield stand_in
    finally:
        stand_in.close()


def signature(body: bytes, secret: str = SECRET) -> str:
    """What proves that a push is the provider's."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def do_GET(self):
        self._answer(None)

    def do_POST(self):
        self._answer(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"))

    def _answer(self, given: dict | None) -> None:
        world, path = self.stand_in, urlsplit(self.path)
        if world.fail == "down":
            self.close_connection = True
            return self.connection.close()
        if world.fail == "slow":
            time.sleep(1.5)
        if world.fail == "busy":
            return self._say(429, b"", **{"Retry-After": str(AFTER)})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._say(401, b"")
        answer = self._act(path.path, parse_qs(path.query), given)
        if world.fail == "lost":
            return self.connection.close()
        return self._say(200, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def _act(self, path: str, query: dict, given: dict | None):
        world = self.stand_in
        if path == "/send":
            return world.send(given)
        if path in ("/edit", "/delete", "/signal"):
            {"/edit": world.edited, "/delete": world.deleted, "/signal": world.signals}[path].append(given)
            return {}
        if path == "/updates":
            after = int(query["after"][0])
            return [update for update in world.updates if update["number"] > after][:50]
        if path == "/hook":
            world.hook = given["url"]
            return {}
        if path.startswith("/files/"):
            return PICTURE
        return {
            "/me": {"name": "Probe"},
            "/templates": [{"name": "shipped", "language": "en", "text": "Order {{1}} is on its way."}],
        }[path]

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # whoever asked has hung up

    def log_message(self, *_given):
        """Tests are quiet."""
