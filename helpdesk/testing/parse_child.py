"""A real parsing child for one channel class: ``python -m helpdesk.testing.parse_child MODULE FILE CLASS BLOBS FD``."""

from __future__ import annotations

import importlib
import socket
import sys
from pathlib import Path

from helpdesk.core.intake.parse_server import limit_memory, serve
from helpdesk.core.storage.blobs import Blobs
from helpdesk.security.pictures import small_square
from helpdesk.security.sanitise import clean


def load(module: str, file: str, name: str) -> type:
    """The class of this name, wherever it was defined: in a module that can be imported, else in a file."""
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError:
        sys.path.insert(0, str(Path(file).parent))
        return getattr(importlib.import_module(Path(file).stem), name)


def main() -> None:
    """Load the class, take on limits, and serve."""
    module, file, name, blobs, handle = sys.argv[1:]
    kind = load(module, file, name)
    serve(socket.socket(fileno=int(handle)), {kind.name: kind}, Blobs(Path(blobs)), limit_memory, clean, small_square)


if __name__ == "__main__":
    main()
