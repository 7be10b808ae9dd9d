"""Mail that reports on mail we sent: bounces, receipts and complaints (RFC 3464, RFC 8098, RFC 5965)."""

from __future__ import annotations

import re

from helpdesk.api.channels import Outcome, Report

from . import bounces, daemons, delivery_status, tokens
from .address_fields import clean, split
from .parts import ENVELOPE, Part

MAX_TEXT = 20_000

_STATUSES = ("message/delivery-status", "message/global-delivery-status")
_RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")
_ENCLOSED = (
    "message/rfc822",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822-headers",
)
_HEADER_ID = re.compile(r"^\W{0,3}message-id:\s*<([^<>\s]{1,500})>", re.I | re.M)


def report(root: Part, text: str) -> Report | None:
    """The report that this mail is, or None when it is a message. ``text`` is its plain text."""
    parts = list(root.walk())
    formal = root.type == "multipart/report"
    if formal or root.type in _STATUSES or daemons.is_daemon(root.head) or daemons.null_envelope(root.head):
        outcomes = delivery_status.outcomes(part.content for part in parts if part.type in _STATUSES)
        if outcomes:
            return _make("delivery", outcomes, parts, text)
    if formal and (receipt := next((part for part in parts if part.type in _RECEIPTS), None)):
        return _receipt(receipt, parts, text)
    if formal and any(part.type == "message/feedback-report" for part in parts):
        return _make("complaint", [], parts, text)
    if bounces.tells(root.head, text, any(part.type in _ENCLOSED for part in parts)):
        return _make("words", bounces.outcomes(root.head, text), parts, text)
    if formal and (
        root.params.get("report-type", "").lower() == "delivery-status" or any(part.type in _STATUSES for part in parts)
    ):
        return _make("words", [], parts, text)
    return None


def _make(kind: str, outcomes: list[Outcome], parts: list[Part], text: str) -> Report:
    """A report with the ids and tokens of what it speaks of."""
    enclosed = _enclosed(parts) or _enclosed_in_text(text)
    head = parts[0].head
    references = tokens.ids(*(f"<{found}>" for found in enclosed), *head.all("references", "in-reply-to"))
    known = tokens.find(head, [*enclosed, *references], text)
    known += [token for token in tokens.in_fields(_returned(parts) + text[:200_000]) if token not in known]
    return Report(outcomes, references, known, text[:MAX_TEXT], details={"kind": kind, "subject": head.line("subject")})


def _enclosed(parts: list[Part]) -> list[str]:
    """The Message-IDs of the mails that are enclosed, whole or only their header."""
    found = []
    for part in parts[1:]:
        if part.type in _ENCLOSED:
            content = part.content[:200_000]
            found += tokens.ids(split(content, ENVELOPE.match(content).end())[0].get("message-id"))
    return found


def _returned(parts: list[Part]) -> str:
    """The headers of the mails that are enclosed, for the addresses of ours in them."""
    contents = [part.content[:20_000].decode("ascii", "replace") for part in parts[1:] if part.type in _ENCLOSED]
    return "\n".join(contents)


def _enclosed_in_text(text: str) -> list[str]:
    return _HEADER_ID.findall(text[:200_000])[:5]


def _receipt(part: Part, parts: list[Part], text: str) -> Report:
    """A disposition notification: the message arrived at least, whatever became of it."""
    outcomes = []
    for block in delivery_status.blocks(part.content):
        address = delivery_status.recipient(block)
        disposition = clean(block.get("disposition").rpartition(";")[2], 100)
        if address and disposition:
            state = {"failed": "failed", "displayed": "read"}.get(
                disposition.lower().split("/")[0].strip(), "delivered"
            )
            outcomes.append(Outcome(address, state, "", disposition))
    made = _make("receipt", outcomes, parts, text)
    original = [
        name for block in delivery_status.blocks(part.content) for name in tokens.ids(block.get("original-message-id"))
    ]
    made.references = list(dict.fromkeys([*original, *made.references]))
    made.tokens = list(dict.fromkeys([*tokens.in_ids(original), *made.tokens]))
    return made
