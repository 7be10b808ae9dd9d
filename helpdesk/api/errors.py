"""Errors: each carries one sentence for the person who can act on it. ``_`` marks a sentence for the catalogue."""

from helpdesk.core.errors import (
    ChannelError,
    Conflict,
    Forbidden,
    HelpdeskError,
    Invalid,
    Malformed,
    Misconfigured,
    NotFound,
    Overtaken,
    Refused,
    TryAgain,
    Unavailable,
    Undeliverable,
    _,
    dump_message,
)

__all__ = [
    "ChannelError",
    "Conflict",
    "Forbidden",
    "HelpdeskError",
    "Invalid",
    "Malformed",
    "Misconfigured",
    "NotFound",
    "Overtaken",
    "Refused",
    "TryAgain",
    "Unavailable",
    "Undeliverable",
    "_",
    "dump_message",
]
