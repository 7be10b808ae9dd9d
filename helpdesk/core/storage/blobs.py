"""Files by the SHA-256 of their bytes, in a local folder; written whole and fsynced before anything points to them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FRESH = 60.0  # seconds in which bytes that were stored get a row that points to them


class Blobs:
    """A folder of immutable files, in folders by the first letters of their names. Bytes that are there are not
    written twice.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._safe: set[Path] = set()  # folders whose own names this process knows to be on the disk

    def path(self, sha256: str) -> Path:
        """Where the bytes with this hash are, or would be."""
        if len(sha256) != 64 or not sha256.isalnum():
            raise ValueError("not a hash")
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store bytes; return their hash once they are safe on disk."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        self._make(path.parent)
        if not _is_kept(path):
            _write(path, content)
        _sync_folder(path.parent)  # also for a file that was there: whoever wrote it may have died before this
        return sha256

    def _make(self, folder: Path) -> None:
        """A folder, its name safe on disk."""
        folder.mkdir(parents=True, exist_ok=True)
        if folder not in self._safe:
            _sync_folder(self.folder)
            _sync_folder(self.folder.parent)
            self._safe.add(folder)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """A Blob to write in pieces, for what is too large to be held in memory."""
        blob = Blob(self)
        try:
            yield blob
        finally:
            blob.close()

    def remove(self, sha256: str) -> None:
        """Delete bytes that no row points to. Those that somebody stores again at this very moment stay."""
        path = self.path(sha256)
        aside = path.with_name(f"{path.name}.gone")
        try:
            if time.time() - path.stat().st_mtime < FRESH:
                return
            os.replace(path, aside)
            if time.time() - aside.stat().st_mtime < FRESH:
                os.replace(aside, path)
        except FileNotFoundError:
            return
        aside.unlink(missing_ok=True)

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash; FileNotFoundError when they are gone."""
        return self.path(sha256).read_bytes()


class Blob:
    """A file that is still being written: ``write`` pieces, then ``keep`` it. What is not kept is gone."""

    def __init__(self, blobs: Blobs):
        self.blobs, self.size = blobs, 0
        self._hash = hashlib.sha256()
        blobs.folder.mkdir(parents=True, exist_ok=True)
        handle, self._temporary = tempfile.mkstemp(dir=blobs.folder)
        self._file = os.fdopen(handle, "wb")

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def keep(self) -> str:
        """Put it in its place; its hash, once it is safe on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        path = self.blobs.path(self._hash.hexdigest())
        self.blobs._make(path.parent)
        os.replace(self._temporary, path)
        _sync_folder(path.parent)
        return path.name

    def close(self) -> None:
        """Let go of it; without ``keep`` before, nothing is left."""
        self._file.close()
        Path(self._temporary).unlink(missing_ok=True)


def _is_kept(path: Path) -> bool:
    """True for bytes that are there, which are fresh from now on: nobody removes them before a row points to them."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    """Whole under this name, or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
