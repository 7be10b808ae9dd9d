"""One desk runs on a data folder at a time, and its key is exchanged only while no process uses it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from helpdesk.core.errors import Unavailable, _

_held: list[int] = []  # for as long as this process lives


def hold(data_dir: Path) -> None:
    """Hold the folder until this process ends, however it ends; Unavailable when another desk does."""
    sentence = _(
        "A desk is running on %(folder)s already. Please stop it first, or choose another folder with %(name)s."
    )
    _lock(data_dir / "run.lock", fcntl.LOCK_EX, sentence, folder=str(data_dir), name="HELPDESK_DATA_DIR")


def use_key(data_dir: Path) -> None:
    """Use the folder's secret key until this process ends; Unavailable while it is exchanged."""
    sentence = _("The secret key is being exchanged. Please try again in a moment.")
    _lock(data_dir / "key.lock", fcntl.LOCK_SH, sentence)


def hold_key(data_dir: Path) -> None:
    """Exchange the folder's secret key; Unavailable while a process uses it."""
    sentence = _("The desk is running. Please stop it first; exchanging the key takes a few seconds.")
    _lock(data_dir / "key.lock", fcntl.LOCK_EX, sentence)


def _lock(path: Path, kind: int, sentence: str, **values: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Unavailable(sentence, **values) from None
    _held.append(descriptor)
