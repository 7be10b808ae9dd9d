"""Mail that machines write: bounces and receipts (RFC 3464, RFC 8098, RFC 5965), automatic answers, bulk and loops (RFC 3834)."""

from __future__ import annotations

import re

from helpdesk.api import Address, Outcome, Report

from . import tokens
from .fields import Fields, clean, people, split
from .parts import ENVELOPE, Part

MAX_OUTCOMES = 200
MAX_HOPS = 50
MAX_TEXT = 20_000

_DAEMON = re.compile(r"(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|mail\.?delivery|bounces?)\b", re.I)
_NOBODY = re.compile(r"mailer-?daemon\b|mail-?daemon\b|microsoftexchange", re.I)
_FAILED = re.compile(
    r"undeliver|not be delivered|delivery (?:has )?fail|delivery status notification|delivery.{0,20}failure|returned mail|"
    r"returned to sender|failure notice|mail system error|mail delivery (?:failed|system)|could(?:n't| not) (?:be )?deliver|"
    r"delivery incomplete|rejected|unzustellbar|nicht zugestellt|non (?:remis|distribu)|no se (?:ha )?p[ou]d|"
    r"não (?:foi )?entreg|mancat[ao] recapito|niet bezorgd|не доставлен|недоставлен|teslim edilem|تحویل.{0,10}نشد|برگشت خورد",
    re.I,
)
_DELAYED = re.compile(r"delayed|warning only|still being retried|will (?:be )?(?:retr|keep trying)|temporar", re.I)
_PERMANENT = re.compile(r"permanent|failed permanently|undeliverable|unknown user|user unknown|no such user|does not exist", re.I)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")  # and no part of an IP address
_CODE = re.compile(r"\b([45])\d\d[ -]")
_ORIGINAL = re.compile(
    r"^\W{0,12}(?:original message|(?:below )?this is a copy of|(?:the )?original message follows|message headers follow|"
    r"(?:---- )?returned message|unsent message below|included message)|"
    r"^(?:received|return-path|mime-version|dkim-signature|message-id|from|to|date): ",
    re.I | re.M,
)
_ENCLOSED = ("message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers", "text/rfc822-headers")
_HEADER_ID = re.compile(r"^message-id:\s*<([^<>\s]{1,500})>", re.I | re.M)
_STATES = {"failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered"}
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:auto(?:matic)?(?:ally)?[ -]?(?:reply|response)|out of (?:the )?office|autoreply|abwesenheits|automatische antwort|"
    r"réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|resposta automática|автоответ|"
    r"otomatik yanıt|پاسخ خودکار)",
    re.I,
)


def report(root: Part, text: str) -> Report | None:
    """The report that this mail is, or None when it is a message. ``text`` is its plain text."""
    parts = list(root.walk())
    told = {part.type: part for part in reversed(parts)}
    status = told.get("message/delivery-status") or told.get("message/global-delivery-status")
    receipt = told.get("message/disposition-notification") or told.get("message/global-disposition-notification")
    if status is not None and (root.type in ("multipart/report", status.type) or _from_daemon(root.head)):
        outcomes = _delivery_outcomes(status.content)
        if outcomes:
            return _make("delivery", outcomes, parts, text)
    if root.type == "multipart/report" and receipt is not None:
        return _receipt(receipt, parts, text)
    if root.type == "multipart/report" and "message/feedback-report" in told:
        return _make("complaint", [], parts, text)
    outcomes = _told_outcomes(root.head, text)
    return _make("delivery", outcomes, parts, text) if outcomes else None


def _make(kind: str, outcomes: list[Outcome], parts: list[Part], text: str) -> Report:
    """A report with the ids and tokens of what it speaks of."""
    enclosed = _enclosed(parts) or _enclosed_in_text(text)
    head = parts[0].head
    references = tokens.ids(*(f"<{found}>" for found in enclosed), *head.all("references", "in-reply-to"))
    known = tokens.find(head, [*enclosed, *references], text)
    return Report(outcomes, references, known, text[:MAX_TEXT], details={"kind": kind, "subject": head.line("subject")})


def _enclosed(parts: list[Part]) -> list[str]:
    """The Message-IDs of the mails that are enclosed, whole or only their header."""
    found = []
    for part in parts[1:]:
        if part.type in _ENCLOSED:
            content = part.content[:200_000]
            found += tokens.ids(split(content, ENVELOPE.match(content).end())[0].get("message-id"))
    return found


def _enclosed_in_text(text: str) -> list[str]:
    return _HEADER_ID.findall(text[:200_000])[:5]


def _blocks(content: bytes) -> list[Fields]:
    """The groups of fields in a machine-readable part: the first about the message, the others one a recipient."""
    content = content.replace(b"\r\n", b"\n")
    blocks = (block.strip(b"\n") for block in re.split(rb"\n[ \t]*\n", content[:500_000]))
    return [split(block + b"\n\n")[0] for block in blocks if block.strip()]


def _delivery_outcomes(content: bytes) -> list[Outcome]:
    """What RFC 3464 fields say of each recipient."""
    outcomes = []
    for block in _blocks(content):
        address = _recipient(block)
        state = _STATES.get(block.get("action").partition("(")[0].strip().lower())
        status = _STATUS.search(block.get("status"))
        if not address or not (state or status):
            continue
        state = state or {"2": "delivered", "4": "delayed", "5": "failed"}[status[1][0]]
        outcomes.append(Outcome(address, state, status[1] if status else "", clean(block.get("diagnostic-code"), 500)))
    return outcomes[:MAX_OUTCOMES]


def _recipient(block: Fields) -> Address | None:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = block.get(name)
        found = people([value.partition(";")[2] or value])
        if found:
            return Address("email", found[0].value)
    return None


def _receipt(part: Part, parts: list[Part], text: str) -> Report:
    """A disposition notification: the message arrived at least, whatever became of it."""
    outcomes = []
    for block in _blocks(part.content):
        address = _recipient(block)
        disposition = clean(block.get("disposition").rpartition(";")[2], 100)
        if address and disposition:
            state = "failed" if disposition.lower().startswith("failed") else "delivered"
            outcomes.append(Outcome(address, state, "", disposition))
    made = _make("receipt", outcomes, parts, text)
    original = [name for block in _blocks(part.content) for name in tokens.ids(block.get("original-message-id"))]
    made.references = list(dict.fromkeys([*original, *made.references]))
    made.tokens = list(dict.fromkeys([*tokens.in_ids(original), *made.tokens]))
    return made


def _from_daemon(head: Fields) -> bool:
    """True for what mail servers write; a person may sit behind "postmaster", whose mail says where its own bounces go."""
    envelope = [value.strip() for value in head.all("return-path", "x-envelope-from")]
    if "<>" in envelope or "x-failed-recipients" in head:
        return True
    names = _DAEMON if "auto-submitted" in head or not any(envelope) else _NOBODY
    return any(names.match(person.value) for person in people(head.all("from", "sender")))


def _told_outcomes(head: Fields, text: str) -> list[Outcome]:
    """The outcomes that a bounce without machine-readable part tells in words only."""
    if not _from_daemon(head):
        return []
    subject, start = head.line("subject"), text[:5_000]
    failed = _FAILED.search(start)
    if not (failed or _FAILED.search(subject) or _DELAYED.search(subject)):
        return []
    original = _ORIGINAL.search(start, failed.end() if failed else 0)
    told = start[: original.start()] if original else start
    own = {person.value for person in people(head.all("from", "to", "sender", "reply-to"))}
    named = people(head.all("x-failed-recipients")) or [Address("email", found.lower()) for found in _ADDRESS.findall(told)]
    addresses = dict.fromkeys(person.value for person in named if person.value not in own and not _DAEMON.match(person.value))
    status, code = _STATUS.search(told), _CODE.search(told)
    delayed = _DELAYED.search(subject) or (_DELAYED.search(told) and not _PERMANENT.search(told))
    state = "delayed" if delayed and (code or status or [""])[0][:1] != "5" else "failed"
    words = clean(" ".join(told.split()), 500)
    return [Outcome(Address("email", address), state, status[1] if status else "", words) for address in list(addresses)[:20]]


def automatic(head: Fields) -> str:
    """"" for a person's mail, else "reply", "bulk" or "loop" (RFC 3834 and what programs did before it)."""
    if head.count("received") > MAX_HOPS:
        return "loop"
    submitted = head.get("auto-submitted").partition(";")[0].strip().lower()
    precedence = head.get("precedence").strip().lower()
    if submitted not in ("", "no") or precedence in ("auto_reply", "auto-reply", "autoreply"):
        return "reply"
    if any(name in head for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-auto-reply-from")):
        return "reply"
    if head.get("return-path").strip() == "<>" or _AUTOMATIC_SUBJECT.match(head.line("subject")):
        return "reply"
    if precedence in ("bulk", "list", "junk") or any(name in head for name in ("list-id", "list-unsubscribe", "x-loop")):
        return "bulk"
    suppress = head.get("x-auto-response-suppress").lower()
    return "reply" if "all" in suppress or "autoreply" in suppress else ""
