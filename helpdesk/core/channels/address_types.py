"""Whom a message is from or to, and what it carries: the smallest parts of the normal form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Address:
    """Somebody on a channel: ``kind`` is one of ``Channel.kinds()`` ("phone", "handle", …), ``value`` already
    normalised.

    ``spelling`` is the value as its owner writes it, where that differs: never compared, but what is written to.
    """

    kind: str
    value: str
    name: str = ""
    spelling: str = field(default="", compare=False)

    def as_row(self) -> dict[str, str]:
        """As rows keep it; without a spelling of its own where it has none."""
        row = {"kind": self.kind, "value": self.value, "name": self.name}
        return row | ({"spelling": self.spelling} if self.spelling else {})


@dataclass
class File:
    """An attachment. A channel fills ``content``; after storing, ``content`` is empty and ``sha256`` names the blob.

    With ``ref`` instead (plain JSON, no secret, no address that holds a token) the desk downloads it later by
    ``Channel.fetch``. ``cid`` is the content id by which an HTML body shows it; ``inline`` is true when a body really
    does.
    """

    name: str
    type: str = "application/octet-stream"
    content: bytes = b""
    sha256: str = ""
    size: int = 0
    cid: str = ""
    inline: bool = False
    ref: dict[str, Any] = field(default_factory=dict)
