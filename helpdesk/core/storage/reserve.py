"""Room on the disk for what must be written even when it is full: sign-outs and revoked rights."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from helpdesk.core.errors import out_of_space

SIZE = 1024**2  # bytes: some hundred such writes, with the database's own pages
P = ParamSpec("P")
T = TypeVar("T")


class Reserve:
    """A file without content that holds the room and is deleted to give it free."""

    def __init__(self, path: Path):
        self.path = path

    def keep(self) -> None:
        """Take the room again where there is enough."""
        if self.path.exists() and self.path.stat().st_size == SIZE:
            return
        try:
            with self.path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, SIZE)
        except OSError:
            self.spend()

    def spend(self) -> bool:
        """Give the room free; True when there was any."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True


def essential(write: Callable[P, T]) -> Callable[P, T]:
    """A function that writes with the ``uow`` it is given first; on a full disk it tries again with the reserve."""

    @wraps(write)
    def surely(*given: P.args, **named: P.kwargs) -> T:
        uow: Any = given[0]
        try:
            return write(*given, **named)
        except Exception as error:
            if not out_of_space(error) or not uow.runtime.reserve.spend():
                raise
            return write(*given, **named)

    return surely
