"""Many consoles in one process: each a websocket of its own that notes when it was told what (RFC 6455, Engine.IO 4,
Socket.IO 5).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable

NAMESPACE = "/desk"
CHANGED = f'42{NAMESPACE},["changed"'
KEY = "aGFtZGVsIGJlbmNoIGtleQ=="  # any sixteen bytes
EVERY = 50  # consoles between two looks at those that came before: the server wants its pings answered


class Console:
    """One connection; ``take`` gives the frames that have come."""

    def __init__(self, port: int, cookie: str):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        head = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Origin: http://127.0.0.1:{port}",
            f"Cookie: {cookie}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}",
            "Sec-WebSocket-Version: 13",
        ]
        self.socket.sendall("\r\n".join([*head, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self._some()
        answer, _blank, self.buffer = self.buffer.partition(b"\r\n\r\n")
        assert b" 101 " in answer.partition(b"\r\n")[0], answer

    def _some(self) -> bytes:
        data = self.socket.recv(65536)
        assert data, "the server hung up"
        return data

    def say(self, text: str) -> None:
        """Send a frame; a client's frames are masked, here with nothing."""
        data = text.encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.socket.sendall(b"\x81" + size + b"\0\0\0\0" + data)

    def take(self, flags: int = 0) -> list[str]:
        """Read what there is; the texts that are complete. A ping is answered."""
        self.buffer += self.socket.recv(65536, flags) or b""
        texts = []
        while (text := self._frame()) is not None:
            if text == "2":
                self.say("3")
            else:
                texts.append(text)
        return texts

    def _frame(self) -> str | None:
        if len(self.buffer) < 2:
            return None
        size, begin = self.buffer[1], 2
        if size == 126:
            size, begin = int.from_bytes(self.buffer[2:4], "big"), 4
        if len(self.buffer) < begin + size:
            return None
        opcode = self.buffer[0]
        frame, self.buffer = self.buffer[begin : begin + size], self.buffer[begin + size :]
        assert opcode == 0x81, "the server hung up"
        return frame.decode()

    def until(self, beginning: str) -> str:
        """Wait for a text that begins so."""
        while True:
            for text in self.take():
                if text.startswith(beginning):
                    return text


class Crowd:
    """All consoles of one server; ``hello`` is said by each when it has joined, and is answered. ``beside`` is a
    crowd that waits.
    """

    def __init__(self, port: int, cookies: list[str], hello: str | None, beside: Crowd | None = None):
        self.poll = select.epoll()
        self.consoles: dict[int, Console] = {}
        self.order: list[int] = []
        for number, cookie in enumerate(cookies):
            self._join(port, cookie, hello)
            if number % EVERY == 0:
                for crowd in filter(None, (self, beside)):
                    crowd.rest()

    def _join(self, port: int, cookie: str, hello: str | None) -> None:
        console = Console(port, cookie)
        console.say(f"40{NAMESPACE},")
        console.until(f"40{NAMESPACE}")
        if hello:
            console.say(f"42{NAMESPACE},1{hello}")
            console.until(f"43{NAMESPACE},1")
        self.consoles[console.socket.fileno()] = console
        self.order.append(console.socket.fileno())
        self.poll.register(console.socket.fileno(), select.EPOLLIN)

    def rest(self) -> None:
        """Read what nobody waits for."""
        self.hear(lambda: None, len(self.consoles) + 1, 0.0)

    def hear(self, trigger: Callable[[], None], expected: int, seconds: float) -> dict[int, tuple[float, str]]:
        """Pull the trigger and listen until so many consoles were told, or the time is up: {place: (seconds since,
        text)}.
        """
        received: dict[int, tuple[float, str]] = {}
        began = time.perf_counter()
        trigger()
        while True:
            left = max(0.0, began + seconds - time.perf_counter())
            for number, _event in self.poll.poll(left):
                at = time.perf_counter() - began
                for text in self.consoles[number].take(socket.MSG_DONTWAIT):
                    if text.startswith(CHANGED):
                        received[number] = (at, text)
            if len(received) >= expected or not left:
                break
        return {place: received[number] for place, number in enumerate(self.order) if number in received}

    def close(self) -> None:
        """Everybody goes."""
        for console in self.consoles.values():
            console.socket.close()
        self.poll.close()
