"""How many connections are open, from which address, and whose makes way when there is no place left."""

from __future__ import annotations

from itertools import islice
from typing import Protocol

LOOKED_AT = 1_000  # connections among which one that rests is looked for

MANY = (  # said before anything is known of the reader
    "Too many connections are open from your address. Please close some, or try again in a moment.\n"
    "از نشانی شما اتصال‌های زیادی باز است. لطفاً چند تا را ببندید یا کمی بعد دوباره امتحان کنید.\n"
).encode()
TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(MANY)
) + MANY


class Connection(Protocol):
    """What is asked of one: whose it is, whether it waits for its next request, and that it ends."""

    address: str
    resting: bool

    def end(self) -> None:
        """Close it."""


class Places:
    """Who is connected, by address: no more than ``most`` in all, and from one address half of them.

    Somebody who comes when there is no place left takes that of the connection of their address, else of any, that has
    rested the longest: whoever owns it just opens another. ``by_address`` is False where all come from one's own proxy.
    """

    def __init__(self, most: int, by_address: bool = True):
        self.most, self.by_address = most, by_address
        self.all: dict[Connection, None] = {}
        self.of: dict[str, dict[Connection, None]] = {}

    def enter(self, connection: Connection) -> bool:
        """Count a connection; False when there is no place for it."""
        theirs = self.of.get(connection.address, {})
        if self.by_address and len(theirs) >= self.most // 2 and not _make_way(theirs):
            return False
        if len(self.all) >= self.most and not _make_way(self.all):
            return False
        self.all[connection] = self.of.setdefault(connection.address, {})[connection] = None
        return True

    def leave(self, connection: Connection) -> None:
        """It has ended, or is about to."""
        self.all.pop(connection, None)
        theirs = self.of.get(connection.address, {})
        theirs.pop(connection, None)
        if not theirs:
            self.of.pop(connection.address, None)

    def rest(self, connection: Connection) -> None:
        """It waits for its next request, the shortest of all."""
        for group in (self.all, self.of.get(connection.address, {})):
            if connection in group:
                group[connection] = group.pop(connection)


def _make_way(connections: dict[Connection, None]) -> bool:
    """End the one that has rested the longest; False when none rests."""
    resting = next((each for each in islice(connections, LOOKED_AT) if each.resting), None)
    if resting:
        resting.end()
    return resting is not None
