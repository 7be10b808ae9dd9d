"""One desk runs on a data folder at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from helpdesk.core.errors import Unavailable, _

_held: list[int] = []  # for as long as this process lives


def hold(data_dir: Path) -> None:
    """Hold the folder until this process ends, however it ends; Unavailable when another desk does."""
    descriptor = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        sentence = _(
            "A desk is running on %(folder)s already. Please stop it first, or choose another folder with %(name)s."
        )
        raise Unavailable(sentence, folder=str(data_dir), name="HELPDESK_DATA_DIR") from None
    _held.append(descriptor)
