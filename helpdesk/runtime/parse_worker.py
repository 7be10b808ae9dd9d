"""The parsing child: ``python -m helpdesk.runtime.parse_worker FD`` reads raw messages from that socket until it
closes.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points

import pluggy

from helpdesk.config import from_environment
from helpdesk.core.channels.types import Channel
from helpdesk.core.intake.parse_server import limit_memory, serve
from helpdesk.core.storage.blobs import Blobs
from helpdesk.hooks.markers import GROUP, PROJECT


def main() -> None:
    """Load the channels, take on limits, and serve."""
    config = from_environment()
    channels = channels_of(config.plugins)
    serve(socket.socket(fileno=int(sys.argv[1])), channels, Blobs(config.blobs), limit_memory, _clean)


def channels_of(plugins: Iterable[str]) -> dict[str, type[Channel]]:
    """The channels of these plugins, by name. The desk has loaded and checked them all before it named them."""
    manager = pluggy.PluginManager(PROJECT)
    for point in entry_points(group=GROUP):
        if point.name in plugins:
            manager.register(point.load(), name=point.name)
    return {kind.name: kind for kinds in manager.hook.register_channels() for kind in kinds or ()}


def _clean(html: str) -> str:
    from helpdesk.security.sanitise import clean  # most children are never asked for it

    return clean(html)


if __name__ == "__main__":
    main()
