"""An Outbound as the bytes of a mail (RFC 5322 and MIME): seven-bit, CRLF, no line over 998 bytes, the same bytes at
every retry.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

from helpdesk.api.channels import AccountView, Address, File, Outbound

from .attribution import sender
from .bodies import html_body, text_body
from .domains import one_form
from .encode_headers import (
    address_line,
    content_type,
    file_name,
    filename_tokens,
    id_line,
    language_tag,
    line,
    name_tokens,
    one_line,
    spec,
    text_line,
)

LOOP = "X-Hamdel-Loop"
HEAD = re.compile(rb"(?:[^\r\n]+\r?\n){0,1000}")  # header lines up to the first empty line
BREAK = re.compile(r"\r\n?|\n")  # in HTML that was given to us any kind may stand; a lone CR or LF must not leave
ANCESTORS = 20  # References carries the first id and the last ones: enough for every program, and bounded
AGAIN = re.compile(r"(?:re|aw|sv|vs|antw|odp|rif|res|ynt|پاسخ|جواب|رد)(?:\[\d{1,3}\])?\s?[:：]\s*", re.IGNORECASE)


def compose(outbound: Outbound, account: AccountView) -> bytes:
    """The whole mail. Raises Undeliverable where a recipient's address is none."""
    marked = bool(
        account.settings.get("rewrites_headers")
    )  # else Message-ID and Reply-To carry the token, and nobody sees it
    return b"".join(_head(outbound, account)) + _content(outbound if marked else replace(outbound, token=""))


def came_back(raw: bytes, account: AccountView) -> bool:
    """True when a mail carries the mark this account puts on all it sends: somebody sent our own words back to us."""
    own = one_form(own_address(account))
    rows = (row.partition(":") for row in HEAD.match(raw)[0].decode("utf-8", "replace").lower().splitlines())
    return any(name == LOOP.lower() and one_form(value.strip()) == own for name, _colon, value in rows)


def own_address(account: AccountView) -> str:
    """The address an account stands for."""
    return account.address or str(account.settings.get("address", ""))


def plus_address(address: str, token: str) -> str:
    """``support+token@desk.example``; the bare address where that would be longer than RFC 5321 allows."""
    local, at, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}" if at and token and len(local) + len(token) < 64 else address


def reply_subject(subject: str, is_reply: bool) -> str:
    """The subject on one line, with exactly one "Re: " in front of an answer."""
    subject = one_line(subject)
    if not is_reply:
        return subject
    while found := AGAIN.match(subject):
        subject = subject[found.end() :]
    return f"Re: {subject}".strip()


def _head(outbound: Outbound, account: AccountView) -> list[bytes]:
    own, settings = own_address(account), account.settings
    name = sender(outbound.sender_name, settings.get("display_name") or account.name, outbound.language)
    answer = plus_address(own, outbound.token) if settings.get("plus_addresses", True) else own
    rows = [
        line("Date", [format_datetime((outbound.at or datetime.now(UTC)).astimezone(UTC))]),
        address_line("From", [Address("email", own, name)]),
        address_line("Reply-To", [Address("email", answer, settings.get("display_name") or account.name)]),
        address_line("To", outbound.to),
        address_line("Cc", outbound.cc) if outbound.cc else b"",
        text_line(
            "Subject",
            reply_subject(outbound.subject, bool(outbound.in_reply_to or outbound.references or outbound.history)),
        ),
        id_line("Message-ID", [outbound.external_id]),
        id_line("In-Reply-To", [outbound.in_reply_to]),
        id_line("References", _ancestors(outbound)),
        line("Content-Language", [language_tag(outbound.language)]),
        line(LOOP, [spec(own)]),
    ]
    if outbound.automatic:
        rows.append(line("Auto-Submitted", ["auto-replied" if outbound.in_reply_to else "auto-generated"]))
        rows.append(line("X-Auto-Response-Suppress", ["All"]))
    return [*rows, b"MIME-Version: 1.0\r\n"]


def _ancestors(outbound: Outbound) -> list[str]:
    known = list(dict.fromkeys([*outbound.references, outbound.in_reply_to]))
    return known if len(known) <= ANCESTORS else [known[0], *known[1 - ANCESTORS :]]


def _content(outbound: Outbound) -> bytes:
    """The MIME tree: mixed(alternative(text, related(html, pictures)), attachments), each layer only where it is
    needed.
    """
    html = html_body(outbound)
    shown = [file for file in outbound.files if file.cid and f"cid:{file.cid}" in html]
    page = _multipart(
        "related", outbound, [_text("html", html), *(_file(file, outbound, inline=True) for file in shown)]
    )
    body = _multipart("alternative", outbound, [_text("plain", text_body(outbound)), page])
    rest = [_file(file, outbound) for file in outbound.files if file not in shown]
    return _multipart("mixed", outbound, [body, *rest])


def _multipart(kind: str, outbound: Outbound, parts: list[bytes]) -> bytes:
    if len(parts) == 1:
        return parts[0]
    boundary = (
        f"=_{kind}_{hashlib.sha256(outbound.external_id.encode()).hexdigest()[:24]}"  # "=_" is in no encoded text
    )
    head = line("Content-Type", [f"multipart/{kind};", f'boundary="{boundary}"']) + b"\r\n"
    rule = b"--" + boundary.encode()
    return head + b"".join(rule + b"\r\n" + part + b"\r\n" for part in parts) + rule + b"--\r\n"


def _text(kind: str, text: str) -> bytes:
    data = BREAK.sub("\r\n", text).encode("utf-8", "replace")
    mostly_ascii = sum(byte < 128 for byte in data) > len(data) * 0.8
    encoding, encoded = ("quoted-printable", binascii.b2a_qp(data)) if mostly_ascii else ("base64", _base64(data))
    return (
        line("Content-Type", [f"text/{kind};", "charset=utf-8"])
        + line("Content-Transfer-Encoding", [encoding])
        + b"\r\n"
        + encoded
    )


def _file(file: File, outbound: Outbound, inline: bool = False) -> bytes:
    name = file_name(file.name)
    return (
        line("Content-Type", [f"{content_type(file.type)};", *name_tokens(name)])
        + line("Content-Transfer-Encoding", ["base64"])
        + line("Content-Disposition", ["inline;" if inline else "attachment;", *filename_tokens(name)])
        + (id_line("Content-ID", [file.cid]) if inline else b"")
        + b"\r\n"
        + _base64(outbound.read(file))
    )


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
