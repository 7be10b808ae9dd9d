"""What an opaque signed S/MIME part contains (RFC 5652, RFC 8551); the signature itself is not checked."""

from __future__ import annotations

import base64
import binascii
import re

TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")

MAX_DEPTH = 10
SEQUENCE, OCTETS, OBJECT, CONTEXT_0 = 0x30, 0x04, 0x06, 0xA0
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
DATA = bytes.fromhex("2a864886f70d010701")
_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----(.*?)-----END", re.S)


def signed_content(message: bytes) -> bytes | None:
    """The MIME entity inside a CMS SignedData; None for everything else: encrypted, a detached signature, or broken."""
    pem = _PEM.match(message.strip())
    try:
        content_info = _children(base64.b64decode(pem[1]) if pem else message)
        (kind, outer), (_, wrapped) = _children(next(content_info)[1])
        if kind != OBJECT or outer != SIGNED_DATA:
            return None
        signed = next(_children(wrapped))[1]
        encapsulated = [value for tag, value in _children(signed) if tag == SEQUENCE][0]
        (_, inner), *content = _children(encapsulated)
        return _octets(content[0][1], 0) if inner == DATA and content else None
    except (ValueError, IndexError, StopIteration, binascii.Error):
        return None


def _octets(data: bytes, depth: int) -> bytes:
    """An OCTET STRING in one piece; BER allows it to be cut into many."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    return b"".join(value if tag == OCTETS else _octets(value, depth + 1) for tag, value in _children(data))


def _children(data: bytes):
    """(tag, value) of each element in DER or BER data; ValueError where it is neither."""
    position = 0
    while position < len(data) and data[position : position + 2] != b"\0\0":
        tag, start, end, after = _element(data, position, 0)
        yield tag, data[start:end]
        position = after


def _element(data: bytes, position: int, depth: int) -> tuple[int, int, int, int]:
    """(tag, start of its value, end of its value, start of what follows) of the element at a place."""
    tag, length, start = data[position], data[position + 1], position + 2
    if length == 0x80:
        end = _end_of_indefinite(data, start, depth)
        return tag, start, end, end + 2
    if length > 0x80:
        size = length - 0x80
        length, start = int.from_bytes(data[start : start + size]), start + size
        if size > 8:
            raise ValueError("a length that is none")
    if start + length > len(data):
        raise ValueError("cut off")
    return tag, start, start + length, start + length


def _end_of_indefinite(data: bytes, position: int, depth: int) -> int:
    """Where the end mark of an element without a stated length stands."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    while data[position : position + 2] != b"\0\0":
        position = _element(data, position, depth + 1)[3]
    return position
