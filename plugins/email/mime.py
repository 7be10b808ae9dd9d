"""A mail's raw bytes become the desk's normal form: who wrote what to whom, with which files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from helpdesk.api import Address, File, Inbound, Malformed, Report, _

from . import attachments, authentic, fields, html, htmlquotes, parttext, quotes, reports, subject, tokens, uuencode
from .parts import Part, Tree

MAX_TEXT = 200_000  # characters shown; the whole is attached then
MAX_PEOPLE = 500

EMPTY = _("There is nothing in this mail: it has no bytes.")
NO_MAIL = _("This is no mail: it does not begin with header fields, and what follows is not text.")
CUT_SHORT = _("This mail has more parts than we read; the rest is only in its raw form.")
LONG = _("The text is very long. Its beginning is shown; the whole is attached.")
HEAVY = _("The formatting of this mail is too heavy to show. Its text is shown; the formatted mail is attached.")
UNDECODED = _("A part of this mail is encoded in a way we do not know; it is attached as it came.")
TNEF = _("This mail came in a format of Microsoft Outlook (winmail.dat), which is attached as it came.")
ENCRYPTED = _("This mail is encrypted; what was encrypted is attached.")
MANY_PEOPLE = _("This mail names very many recipients; only the first are listed.")
NO_SENDER = _("This mail does not say who sent it.")

_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_SECRET = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_TEXTS = ("text/plain", "text/html")
_DUPLICATES = ("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc]")
_LATIN = re.compile("[A-Za-z]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass
class _Body:
    """The readable part of a mail as pieces in order, each plain text, HTML, or both saying the same."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


def parse(raw: bytes, trusted_servers: Sequence[str] = ()) -> Inbound | Report:
    """Understand one mail; ``trusted_servers`` are the servers whose Authentication-Results are believed.

    Raises Malformed for what is no mail at all. A part that cannot be read becomes a file and a remark.
    """
    if not raw or raw.isspace():
        raise Malformed(EMPTY)
    tree = Tree(raw)
    root = tree.root
    if not root.head.pairs and b"\0" in raw[:10_000]:
        raise Malformed(NO_MAIL)
    root.head.charset = _label(root)
    body = _Body()
    _read(root, body)
    if not any(plain.strip() or formatted.strip() for plain, formatted in body.pieces):
        body.pieces = _last_resort(root, body)
    if tree.cut_short:
        body.remark(CUT_SHORT)
    plain = "\n\n".join(plain for plain, _ in body.pieces if plain) or html.plain("".join(formatted for _, formatted in body.pieces))
    report = reports.report(root, plain)
    if report:
        report.at = fields.when(root.head.get("date"))
        return report
    return _message(root.head, body, trusted_servers)


def _last_resort(root: Part, body: _Body) -> list[tuple[str, str]]:
    """Words where no part is plainly the body: the first text that has a name, or what stands before the first boundary."""
    texts = (part for part in root.walk() if part.type in _TEXTS and part.disposition != "attachment")
    named = next((part for part in texts if part.given_name), None)
    if named or body.files:
        return [parttext.piece(named)] if named else []
    return [(parttext.show(part.preamble), "") for part in root.walk() if part.preamble.strip()]


def _label(root: Part) -> str:
    """The charset that raw 8-bit header fields are likely in: the first that a part names."""
    return next((part.params["charset"] for part in root.walk() if part.params.get("charset")), "")


def _read(part: Part, body: _Body) -> None:
    """Add a part to the body: what can be read as pieces, everything else as files."""
    if part.type == "multipart/alternative" and part.children:
        _read_alternative(part, body)
    elif part.children:
        if part.type == "multipart/encrypted":
            body.remark(ENCRYPTED)
        for child in part.children:
            _read(child, body)
    elif _is_text(part):
        plain, formatted = parttext.piece(part)
        plain, files = uuencode.taken_out(plain) if "\nend" in plain else (plain, [])
        body.pieces.append((plain, formatted))
        body.files += files
        if part.disposition == "attachment":
            body.files.append(attachments.file_of(part, len(body.files) + 1))
    elif part.raw.strip() or part.given_name:
        _attach(part, body)


def _is_text(part: Part) -> bool:
    """True for what is shown: text without a name; the mail's only part in any case, and a multipart in name only."""
    if part.type.startswith("multipart/"):
        return not part.too_deep
    if part.type not in _TEXTS:
        return False
    return part.depth == 0 or (part.disposition != "attachment" and not part.given_name)


def _read_alternative(part: Part, body: _Body) -> None:
    """Of several forms of the same take the first plain and the last formatted one; the others are files."""
    plain = formatted = ""
    for child in part.children:
        if child.type in _DUPLICATES and len(part.children) > 1:
            continue
        inner = _Body(files=body.files, remarks=body.remarks)
        _read(child, inner)
        plain = plain or "\n\n".join(text for text, _ in inner.pieces if text.strip())
        formatted = _joined_html(inner.pieces) or formatted
    body.pieces.append((plain, formatted))


def _attach(part: Part, body: _Body) -> None:
    body.files.append(attachments.file_of(part, len(body.files) + 1))
    if part.unreadable:
        body.remark(UNDECODED)
    if part.too_deep:
        body.remark(CUT_SHORT)
    if part.type in _TNEF or body.files[-1].name.lower() == "winmail.dat":
        body.remark(TNEF)
    if part.type in _SECRET and part.params.get("smime-type") not in ("signed-data", "certs-only"):
        body.remark(ENCRYPTED)


def _joined_html(pieces: Iterable[tuple[str, str]]) -> str:
    """One HTML body from pieces of which any is formatted, else ""."""
    pieces = list(pieces)
    if not any(formatted for _, formatted in pieces):
        return ""
    return "".join(formatted or html.from_text(plain) for plain, formatted in pieces if formatted or plain.strip())


def _message(head: fields.Fields, body: _Body, trusted_servers: Sequence[str]) -> Inbound:
    """The normal form of a mail from a person (or a machine that writes like one)."""
    fingerprint = _fingerprint(body)
    references = tokens.ids(*head.all("references"), *head.all("in-reply-to"))
    texts = [text for piece in body.pieces for text in piece if text]
    found = tokens.find(head, [*references, *tokens.ids(head.get("in-reply-to"))], *texts)
    sender, to, cc = _sender(head, body), _people(head, body, "to"), _people(head, body, "cc")
    reply_to = next(iter(fields.people(head.all("reply-to"), 1)), None)
    title = head.line("subject")
    text, quoted, shown = _shown(body, subject.is_forward(title))
    automatic = reports.automatic(head)
    if automatic == "bulk" and found:
        automatic = ""  # our own address may be a mailing list; who answers us is a person
    vouched, auth = authentic.read(head, sender.value, trusted_servers)
    return Inbound(
        sender, text, quoted, shown, title, fields.when(head.get("date")), to, cc,
        reply_to if reply_to and reply_to.value != sender.value else None, body.files,
        external_id=tokens.own_id(head), references=references, tokens=found, automatic=automatic,
        authentic=vouched, language=_language(text or title), fingerprint=fingerprint, remarks=body.remarks,
        details=_details(head, auth),
    )  # fmt: skip


def _shown(body: _Body, forwarded: bool) -> tuple[str, str, str]:
    """What is shown of the body as (text written now, folded text, HTML); a forwarded mail is not folded."""
    safe = _formatted(body)
    plain = "\n\n".join(plain.strip("\n") for plain, _ in body.pieces if plain.strip())
    whole, own, old = (safe, safe, "") if forwarded or not safe else htmlquotes.fold(safe)
    if safe and not all(plain.strip() for plain, formatted in body.pieces if formatted):
        return html.text(own)[:MAX_TEXT], html.text(old)[:MAX_TEXT], whole
    if len(plain) > MAX_TEXT:
        _keep(body, "message.txt", "text/plain", plain, LONG)
    plain = tokens.strip(plain[:MAX_TEXT])
    return *((plain.strip("\n"), "") if forwarded else quotes.fold(plain)), whole


def _formatted(body: _Body) -> str:
    """The safe HTML of the body, "" when it has none; HTML that is too heavy becomes a file, and its text a piece."""
    source = tokens.strip(_joined_html(body.pieces))
    if not source:
        return ""
    if not html.too_heavy(source):
        safe, pictures = html.sanitise(source)
        if len(safe) <= 2 * html.MAX_HTML:
            body.files += pictures
            _mark_inline(body.files, safe)
            return safe
    _keep(body, "message.html", "text/html", source, HEAVY)
    body.pieces = [(plain if plain.strip() else html.plain(formatted), "") for plain, formatted in body.pieces]
    return ""


def _keep(body: _Body, name: str, kind: str, whole: str, remark: str) -> None:
    """Attach the whole of what is not shown whole."""
    content = whole.encode("utf-8", "replace")
    body.files.append(File(name, f"{kind}; charset=utf-8", content, size=len(content)))
    body.remark(remark)


def _mark_inline(files: list[File], safe: str) -> None:
    cids = html.shown_cids(safe)
    for file in files:
        file.inline = bool(file.cid) and file.cid in cids


def _sender(head: fields.Fields, body: _Body) -> Address:
    """The author; when the header names none, whoever handed the mail over."""
    for name in ("from", "sender", "reply-to", "return-path", "x-envelope-from", "x-original-from"):
        people = fields.people(head.all(name), 1)
        if people:
            return people[0]
    body.remark(NO_SENDER)
    return Address("email", "", head.line("from")[:200])


def _people(head: fields.Fields, body: _Body, name: str) -> list[Address]:
    people = fields.people(head.all(name), MAX_PEOPLE)
    if len(people) == MAX_PEOPLE:
        body.remark(MANY_PEOPLE)
    return people


def _fingerprint(body: _Body) -> str:
    """A hash of the body alone: its decoded texts and each file's own hash."""
    digest = hashlib.sha256()
    for text in (text for piece in body.pieces for text in piece):
        digest.update(text.encode("utf-8", "replace") + b"\0")
    for file in body.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def _language(text: str) -> str:
    """"fa" or "en" by the letters that most of the beginning is written in, else ""."""
    sample = text[:2_000]
    letters = len(_LETTER.findall(sample))
    if 2 * len(_ARABIC.findall(sample)) > letters:
        return "fa"
    return "en" if 2 * len(_LATIN.findall(sample)) > letters else ""


def _details(head: fields.Fields, auth: dict[str, str]) -> dict:
    """What the curious may want to know, left out where the mail does not say it."""
    said = {
        "program": (head.line("x-mailer") or head.line("user-agent"))[:100],
        "list": head.line("list-id")[:200],
        "auth": auth,
    }
    return {name: value for name, value in said.items() if value}
