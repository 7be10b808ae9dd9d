"""How much a test does: little in ``make test``, all of it in ``make soak``."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("HELPDESK_SOAK"))


def size(small: int, full: int) -> int:
    """The number for this run."""
    return full if SOAK else small
