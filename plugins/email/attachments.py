"""Attachments: which parts become files, and names for them that no file system, page or person can be fooled by."""

from __future__ import annotations

import re

from helpdesk.api.channels import File

from . import address_fields
from .parts import Part

MAX_NAME = 120

_SEPARATED = re.compile(r"[\\/]")
_UNSAFE = re.compile(r'[:*?"<>|\x00-\x1f\x7f]')
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + ".\u200c\u200d"
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.I)
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "application/json": ".json",
    "text/rfc822-headers": ".txt",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/news": ".eml",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/ms-tnef": ".dat",
    "application/vnd.ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_OWN_NAMES = {
    "text/calendar": "invitation.ics",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "encryption.asc",
}
_TYPES = {ending: kind for kind, ending in reversed(_ENDINGS.items())}
_ENCLOSED = ("message/rfc822", "message/global", "message/news")


def file_of(part: Part, number: int) -> File:
    """The part as a file; ``number`` is its place among the files, for parts without a name."""
    content = part.content
    if part.type in _ENCLOSED:
        name = _enclosed_name(part, content)
    else:
        name = safe_name(address_fields.words(part.given_name)) or _OWN_NAMES.get(part.type) or ""
    kind = named_type(name) if part.unreadable or part.type == "application/octet-stream" else part.type
    name = name or f"attachment-{number}{_ENDINGS.get(kind, '.bin')}"
    return File(name, kind, content, size=len(content), cid=part.cid)


def named_type(name: str) -> str:
    """The type that a file's name tells, for files that came without one."""
    return _TYPES.get(f".{name.lower().rpartition('.')[2]}", "application/octet-stream")


def _enclosed_name(part: Part, content: bytes) -> str:
    """An enclosed message goes by the name it was given, else by its subject."""
    name = safe_name(address_fields.words(part.given_name))
    if not name:
        subject = address_fields.split(content[:100_000])[0].line("subject") or part.head.line("subject")
        name = safe_name(_SEPARATED.sub("_", subject))
    return name if not name or name.lower().endswith(".eml") else f"{name[: MAX_NAME - 4].rstrip('. ')}.eml"


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters, leading dots or device names, at most 120
    characters.

    What is left of a name may be "": the caller thinks of one.
    """
    name = address_fields.clean(_INVISIBLE.sub("", name[:2_000]), 2_000)
    name = _SEPARATED.split(name.rstrip("\\/"))[-1]
    name = _UNSAFE.sub("_", name).strip(_EDGES)
    if not name.strip("_"):
        return ""
    if _DEVICES.match(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if len(name) > MAX_NAME and dot and len(ending) <= 10:
        return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return name[:MAX_NAME].rstrip(_EDGES)
