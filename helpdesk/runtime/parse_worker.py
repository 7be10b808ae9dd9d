"""The parsing child: ``python -m helpdesk.runtime.parse_worker FD`` reads raw messages from that socket until it
closes.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from importlib import import_module
from operator import attrgetter

from helpdesk.config import from_environment
from helpdesk.core.channels.types import Channel
from helpdesk.core.intake.parse_server import limit_memory, serve
from helpdesk.core.storage.blobs import Blobs


def main() -> None:
    """Find the channels, take on limits, and serve."""
    channels = Channels(json.loads(os.environ["PARSE_CHANNELS"]))
    if os.environ.get("PARSE_FAST"):
        channels.load_interactive()
    blobs = Blobs(from_environment().blobs)
    serve(socket.socket(fileno=int(sys.argv[1])), channels, blobs, limit_memory, _clean, _picture)


class Channels(dict[str, type[Channel]]):
    """The channels by name, from ``places``: {name: (module, class, interactive)}. Each is imported when it is first
    asked for, and nothing else of its plugin.
    """

    def __init__(self, places: dict[str, tuple[str, str, bool]]):
        super().__init__()
        self.places = places

    def load_interactive(self) -> None:
        """Import at once what has people who wait."""
        for name, (_module, _kind, interactive) in self.places.items():
            if interactive:
                self[name]

    def __missing__(self, name: str) -> type[Channel]:
        module, kind, _interactive = self.places[name]
        self[name] = attrgetter(kind)(import_module(module))
        return self[name]


def _clean(html: str) -> str:
    from helpdesk.security.sanitise import clean  # most children are never asked for it

    return clean(html)


def _picture(content: bytes) -> bytes:
    from helpdesk.security.pictures import small_square

    return small_square(content)


if __name__ == "__main__":
    main()
