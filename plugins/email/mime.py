"""A mail's raw bytes become the desk's normal form: who wrote what to whom, with which files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from helpdesk.api.channels import Address, File, Inbound, Report
from helpdesk.api.errors import Malformed, _
from helpdesk.api.text import written_language

from . import address_fields, auth_results, charset, daemons, html, htmlquotes, quotes, reports, subject, tokens
from .addresses import people
from .body import CUT_SHORT, Body, joined_html
from .parts import Part, Tree

MAX_TEXT = 200_000  # characters shown; the whole is attached then
MAX_PEOPLE = 500
MAX_ANSWERED = 20  # addresses of one Reply-To

EMPTY = _("There is nothing in this mail: it has no bytes.")
NO_MAIL = _("This is no mail: it does not begin with header fields, and what follows is not text.")
LONG = _("The text is very long. Its beginning is shown; the whole is attached.")
HEAVY = _("The formatting of this mail is too heavy to show. Its text is shown; the formatted mail is attached.")
MANY_PEOPLE = _("This mail names very many recipients; only the first are listed.")
NO_SENDER = _("This mail does not say who sent it.")


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
    body = Body(address_fields.word_charset(root.head) or root.head.charset)
    body.read(root)
    if tree.cut_short:
        body.remark(CUT_SHORT)
    report = reports.report(root, body.text())
    if report:
        report.at = address_fields.when(root.head.get("date"))
        if report.details["kind"] == "words":
            report.otherwise = _message(root, body, trusted_servers)
            report.otherwise.automatic = report.otherwise.automatic or "reply"
        return report
    return _message(root, body, trusted_servers)


def _label(root: Part) -> str:
    """The charset that raw 8-bit header fields are likely in: of those that parts name the first that tells
    something.
    """
    labels = [part.params["charset"] for part in root.walk() if part.params.get("charset")]
    return next(
        (label for label in labels if charset.codec_of(label) not in charset.CARELESS), labels[0] if labels else ""
    )


def _message(root: Part, body: Body, trusted_servers: Sequence[str]) -> Inbound:
    """The normal form of a mail from a person (or a machine that writes like one)."""
    head, fingerprint = root.head, _fingerprint(body)
    references = tokens.ids(*head.all("references"), *head.all("in-reply-to"))
    texts = [text for piece in body.pieces for text in piece if text]
    found = tokens.find(head, [*references, *tokens.ids(head.get("in-reply-to"))], *texts)
    sender, to, cc = _sender(head, body), _people(head, body, "to"), _people(head, body, "cc")
    reply_to = people(head.all("reply-to"), MAX_ANSWERED)
    title = head.line("subject")
    text, quoted, shown = _shown(body, subject.is_forward(title))
    if not (text or quoted or body.files or "<img" in shown or html.plain(shown)):
        text, shown = body.as_it_came(root)[:MAX_TEXT], ""
    automatic = daemons.automatic(root, bool(found))
    if automatic == "bulk" and found:
        automatic = ""  # our own address may be a mailing list; who answers us is a person
    vouched, auth = auth_results.read(head, sender.value, trusted_servers)
    return Inbound(
        sender, text, quoted, shown, title, address_fields.when(head.get("date")), to, cc,
        reply_to if [person.value for person in reply_to] != [sender.value] else [], body.files,
        external_id=tokens.own_id(head), references=references, tokens=found, automatic=automatic,
        authentic=vouched, language=written_language(text or title), fingerprint=fingerprint, remarks=body.remarks,
        details=_details(head, auth) | ({"likely_automatic": True} if daemons.looks_automatic(head, bool(found)) else {}),
    )  # fmt: skip


def _shown(body: Body, forwarded: bool) -> tuple[str, str, str]:
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


def _formatted(body: Body) -> str:
    """The safe HTML of the body, "" when it has none; HTML that is too heavy becomes a file, and its text a piece."""
    source = tokens.strip(joined_html(body.pieces))
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


def _keep(body: Body, name: str, kind: str, whole: str, remark: str) -> None:
    """Attach the whole of what is not shown whole."""
    content = whole.encode("utf-8", "replace")
    body.files.append(File(name, f"{kind}; charset=utf-8", content, size=len(content)))
    body.remark(remark)


def _mark_inline(files: list[File], safe: str) -> None:
    cids = html.shown_cids(safe)
    for file in files:
        file.inline = bool(file.cid) and file.cid in cids


def _sender(head: address_fields.Fields, body: Body) -> Address:
    """The author; when the header names none, whoever handed the mail over."""
    for name in ("from", "sender", "reply-to", "return-path", "x-envelope-from", "x-original-from"):
        found = people(head.all(name), 1)
        if found:
            return found[0]
    body.remark(NO_SENDER)
    return Address("email", "", head.line("from").strip('<>" ')[:200])


def _people(head: address_fields.Fields, body: Body, name: str) -> list[Address]:
    found = people(head.all(name), MAX_PEOPLE)
    if len(found) == MAX_PEOPLE:
        body.remark(MANY_PEOPLE)
    return found


def _fingerprint(body: Body) -> str:
    """A hash of the body alone: its decoded texts and each file's own hash."""
    digest = hashlib.sha256()
    for text in (text for piece in body.pieces for text in piece):
        digest.update(text.encode("utf-8", "replace") + b"\0")
    for file in body.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def _details(head: address_fields.Fields, auth: dict[str, str]) -> dict:
    """What the curious may want to know, left out where the mail does not say it."""
    said = {
        "program": (head.line("x-mailer") or head.line("user-agent"))[:100],
        "list": head.line("list-id")[:200],
        "auth": auth,
    }
    return {name: value for name, value in said.items() if value}
