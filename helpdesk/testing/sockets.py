"""A console, or a visitor, without a browser: speaks Socket.IO's own frames over a real websocket, so that a test can
also misspeak them.
"""

from __future__ import annotations

import json
import threading
import time
from itertools import count
from typing import Any

from simple_websocket import Client, ConnectionClosed

NAMESPACE = "/desk"


class Console:
    """Connected when made, unless refused (``OSError``). ``events`` keeps all that came: [(name, data)], oldest
    first.
    """

    prefix = f"{NAMESPACE},"  # what names the namespace in a frame

    def __init__(
        self,
        port: int,
        cookie: str = "",
        origin: str | None = "same",
        path: str = "/socket.io/",
        join: bool = True,
        query: str = "",
        auth: dict | None = None,
    ):
        headers = {"Cookie": cookie} if cookie else {}
        if origin:
            headers["Origin"] = f"http://127.0.0.1:{port}" if origin == "same" else origin
        try:
            self.socket = Client(f"ws://127.0.0.1:{port}{path}?EIO=4&transport=websocket{query}", headers=headers)
        except Exception as error:  # the library raises what it happens to meet in a refusal
            raise OSError(type(error).__name__) from None
        self.events: list[tuple[str, Any]] = []
        self.frames: list[str] = []
        self.closed = False
        self._numbers, self._answers = count(1), {}
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        if join:
            self.raw(f"40{self.prefix}{'' if auth is None else json.dumps(auth)}")
            self.until(lambda: any(frame.startswith("40") or frame.startswith("44") for frame in self.frames))

    def raw(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        self.socket.send(frame)

    def say(self, event: str, data) -> None:
        """Emit without waiting for an answer."""
        self.raw(f"42{self.prefix}{json.dumps([event, data])}")

    def ask(self, event: str, data, seconds: float = 10.0):
        """Emit and wait for the answer."""
        number = next(self._numbers)
        self.raw(f"42{self.prefix}{number}{json.dumps([event, data])}")
        self.until(lambda: number in self._answers, seconds)
        answer = self._answers.pop(number)
        return answer[0] if answer else None

    def got(self, name: str) -> list:
        """The data of every event of this name so far."""
        with self._news:
            return [data for event, data in self.events if event == name]

    def until(self, true, seconds: float = 10.0) -> None:
        """Wait until something is true; AssertionError when it does not come true."""
        end = time.monotonic() + seconds
        with self._news:
            while not true():
                assert end > time.monotonic(), f"waited too long; got {self.events[-5:]} {self.frames[-3:]}"
                self._news.wait(0.05)

    def close(self) -> None:
        """Go away."""
        self.closed = True
        try:
            self.socket.close()
        except (ConnectionClosed, OSError):
            pass

    def _read(self) -> None:
        try:
            while True:
                self._take(self.socket.receive())
        except (ConnectionClosed, OSError):
            with self._news:
                self.closed = True
                self._news.notify_all()

    def _take(self, frame: str) -> None:
        with self._news:
            self.frames.append(frame)
            if frame == "2":
                self.socket.send("3")
            kind, rest = frame[:2], frame[2:].removeprefix(self.prefix)
            if kind == "42":
                name, *data = json.loads(rest)
                self.events.append((name, data[0] if data else None))
            elif kind == "43":
                number, bracket, body = rest.partition("[")
                self._answers[int(number)] = json.loads(bracket + body)
            self._news.notify_all()


class Visitor(Console):
    """The same in the default namespace of a plugin's own server."""

    prefix = ""

    @property
    def refusal(self) -> str:
        """The code with which the server refused the connection, or ""."""
        return next((json.loads(frame[2:])["message"] for frame in self.frames if frame.startswith("44")), "")
