"""Message ids and our own signed thread tokens, wherever mail carries them: addresses, ids and a line in the body.

Tokens are only found here; whether the signature is good is for the desk to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .address_fields import Fields
from .addresses import people

MAX_IDS = 51
MAX_TOKENS = 50

_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_FOLDED = re.compile(
    r"<([^<>\s@]{1,250})\s+([^<>\s]{1,250})>"
)  # broken in the middle by a program that folds at a width
_BARE = re.compile(r"(?<![^\s,;])[^<>\s,;@()\"]{1,250}@[^<>\s,;@()\"]{1,250}(?![^\s,;])")
_TOKEN = r"[tT][0-9a-zA-Z]{1,40}-[0-9a-zA-Z]{1,40}-[0-9a-zA-Z]{16}"
_IN_ADDRESS = re.compile(rf"[^@+]*\+(?:.*[+=])?({_TOKEN})@")
_IN_ID = re.compile(rf"({_TOKEN})\.")
_IN_TEXT = re.compile(rf"\+({_TOKEN})@")
_MARKER = re.compile(rf"\[#({_TOKEN})\]")
_MARKER_LINE = re.compile(rf"^[> \t]*\[#{_TOKEN}\][ \t]*$\n?", re.M)
_TO_US = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "to", "cc")


def ids(*values: str) -> list[str]:
    """The message ids in such fields without angle brackets, each once; of very many the first and the last 50."""
    found = list(
        dict.fromkeys(
            name for value in values for name in _ID.findall(_FOLDED.sub(r"<\1\2>", value)) or _BARE.findall(value)
        )
    )
    return found if len(found) <= MAX_IDS else [found[0], *found[1 - MAX_IDS :]]


def own_id(head: Fields) -> str:
    """The Message-ID without angle brackets; "" when there is none."""
    value = head.get("message-id")
    found = _ID.search(value)
    return found[1] if found else "".join(value.split())[:500].strip("<>")


def in_ids(names: Iterable[str]) -> list[str]:
    """The tokens in message ids of our form, ``token.anything@domain``."""
    return [match[1].lower() for name in names if (match := _IN_ID.match(name))]


def in_fields(text: str) -> list[str]:
    """The tokens in plus-addresses of a text, such as the Reply-To of a mail that came back."""
    return list(dict.fromkeys(token.lower() for token in _IN_TEXT.findall(text)))[:MAX_TOKENS]


def find(head: Fields, names: Iterable[str], *bodies: str) -> list[str]:
    """Everything that looks like a token: in addresses it came by, in the ids given, in markers of the bodies."""
    found = [match[1] for person in people(head.all(*_TO_US)) if (match := _IN_ADDRESS.match(person.value))]
    found += in_ids(names)
    for body in bodies:
        if "[#" in body:
            found += _MARKER.findall(body)[:MAX_TOKENS]
    return list(dict.fromkeys(token.lower() for token in found))[:MAX_TOKENS]


def strip(text: str) -> str:
    """The text without our marker lines, which are of no use to a reader."""
    return _MARKER.sub("", _MARKER_LINE.sub("", text)) if "[#" in text else text
