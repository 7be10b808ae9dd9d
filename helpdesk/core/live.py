"""What the core needs of open pages: it can emit to them, whichever process they are in. Nothing emitted here is
stored, and nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Protocol

SIGNALS = ("typing", "online", "away")


class LiveHub(Protocol):
    """The pages that are open on this process."""

    def tell(self, namespace: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
        """Emit to the pages in these rooms of a namespace."""

    def signal(self, ticket_id: int, kind: str, rooms: Collection[str]) -> None:
        """Show on the consoles in these rooms what the customer of a ticket does; at most once a second for each
        kind.
        """


class NoPages:
    """A process without pages: a worker, a command."""

    def tell(self, namespace: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
        """Do nothing."""

    def signal(self, ticket_id: int, kind: str, rooms: Collection[str]) -> None:
        """Do nothing."""


class EveryProcess:
    """The pages of every process: emits to those of this one (``pages``) at once, to the others by ``publish``, which
    may lose it.
    """

    def __init__(self, publish: Callable[[dict[str, Any]], None] = lambda message: None):
        self.pages: LiveHub = NoPages()
        self.publish = publish

    def tell(self, namespace: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
        """As ``LiveHub``."""
        self._both("tell", namespace, event, data, sorted(rooms))

    def signal(self, ticket_id: int, kind: str, rooms: Collection[str]) -> None:
        """As ``LiveHub``."""
        self._both("signal", ticket_id, kind, sorted(rooms))

    def _both(self, what: str, *given: Any) -> None:
        getattr(self.pages, what)(*given)
        self.publish({what: given})

    def receive(self, message: dict[str, Any]) -> None:
        """Emit what another process published."""
        for what in ("tell", "signal"):
            if what in message:
                getattr(self.pages, what)(*message[what])


def rooms(queue_id: int | None, assignee_id: int | None) -> set[str]:
    """The rooms of those who may see a ticket: its queue's and its assignee's."""
    return {f"{kind}:{number}" for kind, number in (("queue", queue_id), ("user", assignee_id)) if number}
