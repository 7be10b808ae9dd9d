"""Files by the SHA-256 of their bytes, in a local folder; written whole and fsynced before anything points to them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class Blobs:
    """A folder of immutable files. Writing the same bytes twice costs one look."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def path(self, sha256: str) -> Path:
        """Where the bytes with this hash are, or would be."""
        if len(sha256) != 64 or not sha256.isalnum():
            raise ValueError("not a hash")
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store bytes; return their hash once they are safe on disk."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
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
        _sync_folder(path.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash; FileNotFoundError when they are gone."""
        return self.path(sha256).read_bytes()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
