"""Is a backup whole? Everything is read and compared before a restore changes anything."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from helpdesk.core.errors import Invalid, NotFound, _

FORMAT = 1
LONGEST_LINE = 256_000_000  # characters of one row
HASH_COLUMNS = frozenset({"sha256", "blob"})  # columns that name a file by its hash
CHUNK = 1 << 20


def verify(folder: Path) -> dict:
    """What ``desk.json`` says of a whole backup; Invalid names the first thing that is missing, changed or no file of
    its own.

    A file that was missing in the desk itself when it was backed up is named in ``missing`` and may be.
    """
    about = read_about(folder)
    rows = folder / "rows.jsonl.gz"
    _check_file(rows, about.get("rows_sha256"))
    counts, wanted = _read_through(rows)
    if counts != about["tables"]:
        raise _not_whole(rows.name)
    present = _check_blobs(folder / "blobs")
    for name in sorted(wanted - present - set(about.get("missing", ()))):
        raise Invalid(_("This backup is not whole: the file %(file)s is missing."), file=name)
    if (folder / "secret.key").is_symlink():
        raise _is_a_link("secret.key")
    return about


def read_about(folder: Path) -> dict:
    """What ``desk.json`` says; NotFound or Invalid when it is none of ours."""
    try:
        about = json.loads((folder / "desk.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        raise NotFound(_("There is no backup in %(folder)s."), folder=str(folder)) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise Invalid(_("This backup was made by another version of the desk."))
    shape = {"at": str, "versions": dict, "tables": dict}
    if not all(isinstance(about.get(name), kind) for name, kind in shape.items()) or not isinstance(
        about.get("missing", []), list
    ):
        raise _not_whole("desk.json")
    return about


def lines(path: Path) -> Iterator[dict | list]:
    """The heads and rows of ``rows.jsonl.gz``; Invalid where it breaks off or holds something else."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            while line := file.readline(LONGEST_LINE):
                value = json.loads(line)
                if not isinstance(value, dict | list):
                    raise _not_whole(path.name)
                yield value
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        raise _not_whole(path.name) from None


def referenced(columns: list[str], row: list) -> set[str]:
    """The hashes of files that a row names."""
    return {
        value
        for name, value in zip(columns, row, strict=False)
        if name in HASH_COLUMNS and isinstance(value, str) and len(value) == 64
    }


def _read_through(path: Path) -> tuple[dict[str, int], set[str]]:
    """({table: rows}, hashes of the files they name)."""
    counts: dict[str, int] = {}
    wanted: set[str] = set()
    columns: list[str] = []
    table = None
    for value in lines(path):
        if isinstance(value, dict):
            table, columns = value.get("table"), value.get("columns")
            if not isinstance(table, str) or not isinstance(columns, list):
                raise _not_whole(path.name)
            counts[table] = 0
        elif table is None or len(value) != len(columns):
            raise _not_whole(path.name)
        else:
            counts[table] += 1
            wanted |= referenced(columns, value)
    return counts, wanted


def _check_blobs(folder: Path) -> set[str]:
    """The hashes of the files that are there; each is what its name says."""
    found = set()
    if folder.is_symlink():
        raise _is_a_link(folder.name)
    for path in sorted(folder.glob("??/*")):
        if path.parent.is_symlink():
            raise _is_a_link(f"blobs/{path.parent.name}")
        _check_file(path, path.name if len(path.name) == 64 else "")
        found.add(path.name)
    return found


def _check_file(path: Path, sha256: str | None) -> None:
    """A regular file with this hash; any content where none is known."""
    if path.is_symlink():
        raise _is_a_link(path.name)
    if not path.is_file():
        raise Invalid(_("This backup is not whole: the file %(file)s is missing."), file=path.name)
    if sha256 is not None and hash_of(path) != sha256:
        raise Invalid(_("This backup is not whole: the file %(file)s was changed."), file=path.name)


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _not_whole(name: str) -> Invalid:
    return Invalid(_("This backup is not whole: %(file)s has other rows than it should."), file=name)


def _is_a_link(name: str) -> Invalid:
    return Invalid(_("This backup was tampered with: %(file)s is a link to somewhere else."), file=name)
