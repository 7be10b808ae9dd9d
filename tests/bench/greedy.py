"""Clients that never pause: ``python -m tests.bench.greedy PORT TOKEN COUNT`` asks for lists on so many connections
until it is ended.
"""

from __future__ import annotations

import re
import select
import socket
import sys

PATH = "/api/v1/tickets?limit=50"
LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


class Client:
    """One connection with one request under way."""

    def __init__(self, port: int, token: str):
        self.port, self.head = port, f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        self.ask(anew=True)

    def ask(self, anew: bool = False) -> None:
        """The next request, on a new connection when the server has closed the old one."""
        if anew:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.buffer = b""
        self.socket.sendall(self.head)

    def take(self) -> bool:
        """Read what has come and ask again when the answer is complete; False when the connection is gone."""
        data = self.socket.recv(1 << 20)
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        if blank and len(body) >= int(LENGTH.search(head)[1]):
            if b"connection: close" in head.lower():
                return False
            self.ask()
        return bool(data)


def main(port: int, token: str, number: int) -> None:
    """Ask for ever."""
    poll, clients = select.epoll(), {}

    def begin() -> None:
        client = Client(port, token)
        clients[client.socket.fileno()] = client
        poll.register(client.socket.fileno(), select.EPOLLIN)

    for _client in range(number):
        begin()
    while True:
        for place, _event in poll.poll():
            if not clients[place].take():
                poll.unregister(place)
                clients.pop(place).socket.close()
                begin()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
