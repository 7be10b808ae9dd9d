"""Header lines for the mail we send: folded, whole in every program, and never more lines than we meant.

Whatever people wrote (names, subjects, file names) becomes one line of printable text first, so nothing can add a
header.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from helpdesk.api.channels import Address
from helpdesk.api.errors import Undeliverable, _

from . import domains

LINE = 76  # characters; RFC 5322 asks for at most 78 and forbids more than 998
WORD = 39  # bytes of UTF-8 in one encoded word, so that it fits behind any of our header names
NAME = 200  # characters of a person's or file's name that we repeat
PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
LOCAL = r"(?:[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}|\"[^\"\\@<>\x00-\x1f\x7f]{1,62}\")"
ADDRESS = re.compile(LOCAL + r"@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,250}")
MESSAGE_ID = re.compile(r"[!-;=?-~]{1,240}")
TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def one_line(text: str) -> str:
    """The text as a single line: every kind of line end and control character gone, half-spaces kept."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The text without control characters; lone surrogates, which cannot be written, are shown as such."""
    return text if text.isascii() and text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category == "Cc" else "\N{REPLACEMENT CHARACTER}" if category == "Cs" else character


def line(name: str, tokens: Iterable[str]) -> bytes:
    """One header with its tokens separated by spaces, folded between them."""
    rows, row = [], f"{name}:"
    for index, token in enumerate(tokens):
        if index and len(row) + 1 + len(token) > LINE:
            rows.append(row)
            row = ""
        row = f"{row} {token}"
    return "\r\n".join([*rows, row]).encode() + b"\r\n"


def text_line(name: str, text: str) -> bytes:
    """A header of free text, such as Subject."""
    return line(name, text_tokens(one_line(text)))


def text_tokens(text: str) -> list[str]:
    """The words of a line, or encoded words (RFC 2047) where ASCII words would not say the same to every reader."""
    words = text.split(" ")
    return words if _plain(text) and max(map(len, words)) < 200 else encoded_words(text)


def _plain(text: str) -> bool:
    """True when no reader will take a part of it for an encoded word."""
    return text.isascii() and "=?" not in text


def encoded_words(text: str) -> list[str]:
    """Encoded words that join to the text again; spaces are inside, and no character is split between two of them.

    They end behind a space where they can: some programs show a space more between two of them, others read each alone.
    """
    chunks = [b""]
    for word in re.findall(r"[^ ]* *", text):
        if len(chunks[-1]) + len(word.encode()) > WORD:
            chunks.append(b"")
        for encoded in map(str.encode, word):
            if len(chunks[-1]) + len(encoded) > WORD:
                chunks.append(b"")
            chunks[-1] += encoded
    return [f"=?utf-8?B?{base64.b64encode(chunk).decode()}?=" for chunk in chunks if chunk]


def address_line(name: str, people: Iterable[Address]) -> bytes:
    """A header of addresses, each with its name."""
    groups = [[*phrase(person.name), f"<{spec(person.spelling or person.value)}>"] for person in people]
    for group in groups[:-1]:
        group[-1] += ","
    return line(name, [token for group in groups for token in group])


def phrase(name: str) -> list[str]:
    """A display name as tokens: bare, quoted or encoded, whichever is needed."""
    name = one_line(name).translate(OVERRIDES)[:NAME].strip()
    if not name:
        return []
    if not _plain(name):
        return encoded_words(name)
    if PLAIN_PHRASE.fullmatch(name):
        return name.split(" ")
    return ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']


def spec(address: str) -> str:
    """The address as it goes over the wire: the domain in ASCII where the part before the @ is ASCII too."""
    if not ADDRESS.fullmatch(address):
        raise Undeliverable(_("“%(address)s” is not an e-mail address."), address=one_line(address)[:NAME])
    local, _at, domain = address.rpartition("@")
    if local.isascii():
        try:
            domain = domains.wire(domain)
        except ValueError:
            raise Undeliverable(_("“%(address)s” is not an e-mail address."), address=address) from None
    return f"{local}@{domain}"


def id_line(name: str, ids: Iterable[str]) -> bytes:
    """A header of message ids (without their brackets); ids of others that are no ids at all are left out."""
    tokens = [f"<{one}>" for one in ids if MESSAGE_ID.fullmatch(one) and _plain(one)]
    return line(name, tokens) if tokens else b""


def language_tag(language: str) -> str:
    """The language as BCP 47 writes it; English where it is written otherwise."""
    return language if LANGUAGE.fullmatch(language) else "en"


def content_type(file_type: str) -> str:
    """A type that may stand in our header: what is itself made of parts, or is no type, goes as plain bytes."""
    file_type = file_type.lower().strip()
    if not TYPE.fullmatch(file_type) or file_type.startswith(("multipart/", "message/")):
        return "application/octet-stream"
    return file_type


def file_name(name: str) -> str:
    """A file name without folders, controls and direction overrides, at most 200 characters with its ending."""
    name = one_line(re.split(r"[/\\]", name)[-1]).translate(OVERRIDES).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and stem and len(name) > NAME:
        name = stem[: NAME - 21] + dot + ending[:20]
    return name[:NAME] or "attachment"


def name_tokens(name: str) -> list[str]:
    """The ``name`` parameter of Content-Type, written the way the oldest programs read it."""
    if _plain(name):
        return [f'name="{_escaped(name)}"']
    first, *rest = encoded_words(name)
    return [f'name="{first}', *rest[:-1], rest[-1] + '"'] if rest else [f'name="{first}"']


def filename_tokens(name: str) -> list[str]:
    """The ``filename`` parameter of Content-Disposition (RFC 2231), in pieces where it is long."""
    if _plain(name) and len(name) < 60:
        return [f'filename="{_escaped(name)}"']
    pieces, piece = [], ""
    for encoded in (quote(character, safe="") for character in name):
        if len(piece) + len(encoded) > 48:
            pieces.append(piece)
            piece = ""
        piece += encoded
    pieces.append(piece)
    if len(pieces) == 1:
        return [f"filename*=UTF-8''{piece}"]
    tokens = [
        f"filename*{number}*={'' if number else 'UTF-8' + chr(39) * 2}{piece};" for number, piece in enumerate(pieces)
    ]
    return [*tokens[:-1], tokens[-1][:-1]]


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
