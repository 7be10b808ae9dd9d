"""Mail lying in files: single messages, mbox files, Maildir folders, or folders of all these, one message at a time."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from helpdesk.api.channels import RawMessage

from .placeholders import oversize

LARGEST = 50_000_000  # bytes; of a larger message only the beginning is taken
LINE = 1_000_000  # bytes read at once, so that a file without line ends is no burden
MAIL_ENDINGS = {".eml", ".msg", ".mail", ".mbox", ".mbx"}
HEADER = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,10}:|>?From ")
Skip = Callable[[Path], None]
PATCH = re.compile(
    rb"From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001"
)  # what git writes above a patch, also inside a mail
POSTMARK = re.compile(rb"From .{0,300}\d{1,2}:\d\d.{0,60}\d{4}")  # "From ali@example.com Sat Nov 21 16:20:00 2026"


def raw_messages(path: Path, skip: Skip = lambda file: None) -> Iterator[RawMessage]:
    """Every message in a file or folder, by name and in a mailbox file by place; its external id is the hash of its
    bytes.
    """
    for raw in messages(path, skip):
        yield RawMessage(f"sha256:{hashlib.sha256(raw).hexdigest()}", raw, datetime.now(UTC))


def messages(path: Path, skip: Skip = lambda file: None) -> Iterator[bytes]:
    """The raw messages of a file or folder."""
    for file in files(path, skip):
        yield from _split(file) if _is_mailbox(file) else [_whole(file)]


def files(path: Path, skip: Skip = lambda file: None) -> Iterator[Path]:
    """The files that hold mail: ``path`` itself, or in a folder all that end or begin like mail, subfolders included.

    ``skip`` is told of every other file.
    """
    if path.is_file():
        yield path
        return
    maildir = (path / "cur").is_dir() and (path / "new").is_dir()
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() and entry.is_dir():
            continue
        if entry.is_dir():
            if not (maildir and entry.name == "tmp"):
                yield from files(entry, skip)
        elif entry.is_file():
            if _looks_like_mail(entry, maildir):
                yield entry
            else:
                skip(entry)


def _looks_like_mail(file: Path, maildir: bool) -> bool:
    """True for a file that is named or begins like mail; an empty one may be a lost mail, except among a Maildir's
    own files.
    """
    if file.suffix.lower() in MAIL_ENDINGS or file.parent.name in ("cur", "new"):
        return True
    with file.open("rb") as opened:
        row = opened.readline(LINE).removeprefix(codecs.BOM_UTF8)
    return not file.name.startswith(".") and (bool(HEADER.match(row)) if row else not maildir)


def _is_mailbox(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(5) == b"From "


def _whole(file: Path) -> bytes:
    with file.open("rb") as opened:
        return read(opened)


def read(stream: BinaryIO) -> bytes:
    """One message to the end of a stream; of a message that is too large the beginning."""
    raw = stream.read(LARGEST + 1)
    rest = sum(map(len, iter(lambda: stream.read(LINE), b"")))
    return _bounded(raw, len(raw) + rest)


def _bounded(raw: bytes, size: int) -> bytes:
    return oversize(raw, size) if size > LARGEST else raw


def _split(file: Path) -> Iterator[bytes]:
    """The messages of an mbox file (RFC 4155): each begins behind an empty line with a postmark, whose ">" we take
    away again.
    """
    lines: list[bytes] = []
    size, blank, whole = 0, False, True
    rows = _rows(file)
    patches = PATCH.match(next(rows))
    for row in rows:
        if blank and whole and POSTMARK.match(row) and (patches or not PATCH.match(row)):
            yield _closed(lines, size)
            lines, size, blank = [], 0, False
            continue
        size += len(row)
        if size <= LARGEST:
            lines.append(row[1:] if whole and re.match(rb">+From ", row) else row)
        blank, whole = whole and row in (b"\n", b"\r\n", b"\r"), row.endswith((b"\n", b"\r"))
    yield _closed(lines, size)


def _rows(file: Path) -> Iterator[bytes]:
    """The lines of a file with their ends, cut where one is very long; carriage returns alone end them where there
    is no line feed.
    """
    with file.open("rb") as opened:
        beginning = opened.read(LINE)
        opened.seek(0)
        if b"\n" in beginning or b"\r" not in beginning:
            yield from iter(lambda: opened.readline(LINE), b"")
            return
        rest = b""
        while chunk := opened.read(LINE):
            *rows, rest = (rest + chunk).split(b"\r")
            yield from (row + b"\r" for row in rows)
            if len(rest) > LINE:
                yield rest
                rest = b""
        if rest:
            yield rest


def _closed(lines: list[bytes], size: int) -> bytes:
    """A message without the empty line that only separates it from the next."""
    if lines and not lines[-1].strip(b"\r\n"):
        lines.pop()
    return _bounded(b"".join(lines), size)
