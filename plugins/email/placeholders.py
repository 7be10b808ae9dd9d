"""What stands in for a message that is too large or cannot be fetched, so that somebody sees that it is there.

A first line of ours tells ``parse`` what it is looking at: senders cannot write it, mail servers put theirs before it.
"""

from __future__ import annotations

from helpdesk.api.errors import Malformed, _

BEGINNING = 256 * 1024  # bytes that are taken in of a message that is too large
OVERSIZE, MISSING = b"X-Hamdel-Oversize: ", b"X-Hamdel-Missing: "
TOO_LARGE = _(
    "This message is larger than the desk takes in. Only its beginning is here; the whole is still where it came from."
)


def oversize(raw: bytes, size: int) -> bytes:
    """The beginning of a message of ``size`` bytes."""
    return OVERSIZE + str(size).encode() + b"\r\n" + raw[:BEGINNING]


def missing(folder: str, uid: int) -> bytes:
    """A message that its server does not hand over."""
    return MISSING + f"{uid} {folder}".encode() + b"\r\n\r\n"


def is_beginning(raw: bytes) -> bool:
    """True for what ``oversize`` made; Malformed for what ``missing`` made."""
    if raw.startswith(MISSING):
        uid, _space, folder = raw[len(MISSING) :].decode().strip().partition(" ")
        raise Malformed(
            _(
                "The mail server does not hand over this message. It is still in the mailbox, folder "
                "%(folder)s, number %(uid)s."
            ),
            folder=folder,
            uid=uid,
        )
    return raw.startswith(OVERSIZE)
