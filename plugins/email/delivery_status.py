"""What the machine-readable part of a bounce says of each recipient (RFC 3464), also where it is put together
wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from helpdesk.api.channels import Address, Outcome

from .address_fields import Fields, clean, split
from .addresses import people

MAX_OUTCOMES = 200
MAX_READ = 500_000  # bytes

STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")  # and no part of an IP address
_STATES = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_RECIPIENT = ("original-recipient", "final-recipient", "x-actual-recipient")
_CLASSES = {"2": "delivered", "4": "delayed", "5": "failed"}


def outcomes(contents: Iterable[bytes]) -> list[Outcome]:
    """One outcome a recipient, from every such part of the mail."""
    found: dict[str, Outcome] = {}
    for content in contents:
        for block in blocks(content):
            for group in _groups(block):
                outcome = _outcome(group)
                if outcome:
                    found.setdefault(outcome.address.value, outcome)
    return list(found.values())[:MAX_OUTCOMES]


def blocks(content: bytes) -> list[Fields]:
    """The groups of fields in the part: the first about the message, the others one a recipient."""
    content = content[:MAX_READ].replace(b"\r\n", b"\n")
    pieces = (block.strip(b"\n") for block in re.split(rb"\n[ \t]*\n", content))
    return [split(block + b"\n\n")[0] for block in pieces if block.strip()]


def recipient(block: Fields) -> Address | None:
    """Whom a group of fields is about."""
    for name in _RECIPIENT:
        value = block.get(name)
        found = people([value.partition(";")[2] or value]) if value else []
        if found:
            return Address("email", found[0].value)
    return None


def _groups(block: Fields) -> Iterator[Fields]:
    """The fields of each recipient where several stand in one block: a field that names one anew begins another."""
    pairs: list[tuple[str, bytes]] = []
    for name, value in block.pairs:
        if name in _RECIPIENT and any(name == other for other, _ in pairs):
            yield Fields(pairs)
            pairs = []
        pairs.append((name, value))
    yield Fields(pairs)


def _outcome(block: Fields) -> Outcome | None:
    address = recipient(block)
    state = _STATES.get(block.get("action").partition("(")[0].strip(" \t;.").lower())
    text = clean(block.get("diagnostic-code"), 500)
    status = STATUS.search(block.get("status")) or STATUS.search(text)
    if not address or not (state or status):
        return None
    return Outcome(address, state or _CLASSES[status[1][0]], status[1] if status else "", text)
