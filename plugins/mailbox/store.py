"""The mails of the demo's customers, each a file; what the desk sent them and what they wrote to it."""

from __future__ import annotations

import os
import re
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from functools import lru_cache
from pathlib import Path

from helpdesk.api.text import plain

SHOWN = 100  # mails in the list
HEAD = 64 * 1024  # bytes that are read for a line in the list
_NAME = re.compile(r"(\d{15,20})-(in|out)")


@dataclass(frozen=True)
class Line:
    """A mail in the list: ``came`` is true for what the desk sent; ``sender`` and ``to`` are names, or else
    addresses.
    """

    key: str
    came: bool
    sender: str
    to: str
    subject: str
    at: datetime


class Store:
    """The folder ``mailbox`` in a data folder."""

    def __init__(self, data_dir: Path):
        self.folder = data_dir / "mailbox"

    @property
    def port(self) -> int | None:
        """Where the customers' mail server answers."""
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return None

    def make(self) -> int:
        """Make the folder, once, and choose the port of its mail server; returns the port."""
        if self.port is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "port").write_text(str(_free_port()))
        return self.port

    def keep(self, raw: bytes, came: bool) -> str:
        """Keep a mail; returns its key."""
        key = f"{time.time_ns()}-{'in' if came else 'out'}"
        part = self.folder / f"{key}.part"
        part.write_bytes(raw)
        part.rename(self.folder / f"{key}.eml")
        return key

    def lines(self) -> list[Line]:
        """The newest mails first."""
        keys = sorted((path.stem for path in self.folder.glob("*.eml") if _NAME.fullmatch(path.stem)), reverse=True)
        return [_line(self.folder, key) for key in keys[:SHOWN]]

    def of(self, addresses: set[str]) -> list[Line]:
        """The mails that name one of these addresses (in lower case) as sender or recipient, the oldest first."""
        keys = sorted(path.stem for path in self.folder.glob("*.eml") if _NAME.fullmatch(path.stem))
        return [_line(self.folder, key) for key in keys if addresses & self._named(key)]

    def _named(self, key: str) -> set[str]:
        mail = self.read(key)
        names = ("from", "to", "cc", "delivered-to")
        return {address.lower() for name in names for _who, address in people(mail, name)}

    def delete(self, key: str) -> None:
        """Delete a mail."""
        (self.folder / f"{key}.eml").unlink(missing_ok=True)
        _line.cache_clear()

    def raw(self, key: str) -> bytes | None:
        """A mail as it came over the wire, or None."""
        path = self.folder / f"{key}.eml"
        return path.read_bytes() if _NAME.fullmatch(key) and path.exists() else None

    def read(self, key: str) -> EmailMessage | None:
        """A mail, understood."""
        raw = self.raw(key)
        return message_from_bytes(raw, policy=policy.default) if raw is not None else None


@lru_cache(maxsize=1000)
def _line(folder: Path, key: str) -> Line:
    with (folder / f"{key}.eml").open("rb") as file:
        head = message_from_bytes(file.read(HEAD).partition(b"\r\n\r\n")[0], policy=policy.default)
    stamp, came = _NAME.fullmatch(key).groups()
    return Line(
        key,
        came == "in",
        person(head, "from"),
        person(head, "to"),
        header(head, "subject"),
        datetime.fromtimestamp(int(stamp) / 1e9, UTC),
    )


def header(mail: EmailMessage, name: str) -> str:
    """A header as one line, "" when it is missing or cannot be read."""
    try:
        return " ".join(str(mail[name] or "").split())
    except (ValueError, IndexError, AttributeError):
        return ""


def people(mail: EmailMessage, name: str) -> list[tuple[str, str]]:
    """(name, address) of everybody in a header; one that cannot be read is all name.

    Python's parser of addresses leaves spaces between the encoded words of one name (RFC 2047, 6.2), so names are
    decoded here.
    """
    raw = next((str(value) for known, value in mail.raw_items() if known.lower() == name.lower()), "")
    found = [(_decoded(who), plain(address)) for who, address in getaddresses([raw]) if who or address]
    return found or ([(plain(raw), "")] if raw else [])


def _decoded(name: str) -> str:
    try:
        return plain(str(make_header(decode_header(name))))
    except (ValueError, LookupError, HeaderParseError):
        return plain(name)


def person(mail: EmailMessage, name: str) -> str:
    """The name, or else the address, of the first person in a header."""
    return next((who or address for who, address in people(mail, name)), "")


def _free_port() -> int:
    """The first free port after the desk's own."""
    first = int(os.environ.get("HELPDESK_SMTP_PORT", "2525")) + 1
    for port in range(first, first + 200):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("no free port")
