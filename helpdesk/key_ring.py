"""The desk's secret key and the older ones that are still accepted, in one file that is replaced whole.

The first line is the key; each further line is an older one, behind the moment (ISO 8601) its signatures end.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class OldKey:
    """A key that was in use; what it signed is accepted before ``until``, what it sealed can be opened."""

    key: str
    until: datetime


@dataclass(frozen=True)
class KeyRing:
    """The key in use and older ones, the newest of them first."""

    current: str
    older: tuple[OldKey, ...] = ()

    def rotated(self, until: datetime) -> KeyRing:
        """A ring with a new key, on which this one is accepted before ``until``."""
        return KeyRing(new_key(), (OldKey(self.current, until), *self.older))

    def dump(self) -> str:
        """As it stands in the file."""
        return "\n".join([self.current, *(f"{old.until.isoformat()} {old.key}" for old in self.older)])


def new_key() -> str:
    """384 random bits."""
    return secrets.token_urlsafe(48)


def load(text: str) -> KeyRing:
    """The ring that ``dump`` wrote; a file of one line is a ring of one key."""
    current, *older = text.strip().split("\n")
    pairs = [line.partition(" ")[::2] for line in older]
    return KeyRing(current, tuple(OldKey(key, datetime.fromisoformat(until)) for until, key in pairs))


def kept(path: Path) -> KeyRing:
    """The ring in this file, made when there is none; of several processes that begin at once, one makes it for all."""
    if not path.exists():
        own = _written(path, new_key())
        with suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return load(path.read_text())


def replace(path: Path, ring: KeyRing) -> None:
    """Put another ring into the file: whoever reads it finds the one or the other, also after a power cut."""
    os.replace(_written(path, ring.dump()), path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _written(path: Path, text: str) -> Path:
    own = path.with_name(f"{path.name}.{os.getpid()}")
    own.unlink(missing_ok=True)
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return own
