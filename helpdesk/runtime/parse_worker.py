"""The parsing child: ``python -m helpdesk.runtime.parse_worker FD`` reads raw messages from that socket until it
closes.
"""

from __future__ import annotations

import socket
import sys

from helpdesk.config import from_environment
from helpdesk.core.intake.parse_server import limit_memory, serve
from helpdesk.core.storage.blobs import Blobs
from helpdesk.hooks.loader import Hooks


def main() -> None:
    """Load the channels, take on limits, and serve."""
    config = from_environment()
    hooks = Hooks()
    hooks.load(() if config.safe_mode else config.plugins)
    channels = {kind.name: kind for _, kind in hooks.gather("register_channels")}
    serve(socket.socket(fileno=int(sys.argv[1])), channels, Blobs(config.blobs), limit_memory, _clean)


def _clean(html: str) -> str:
    from helpdesk.security.sanitise import clean  # most children are never asked for it

    return clean(html)


if __name__ == "__main__":
    main()
