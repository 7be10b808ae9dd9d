"""The readable part of a mail: from its tree of parts to pieces of text in order, and files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.api.channels import File
from helpdesk.api.errors import _

from . import attachments, html, text_parts, uuencode
from .parts import Part

CUT_SHORT = _("This mail has more parts than we read; the rest is only in its raw form.")
UNDECODED = _("A part of this mail is encoded in a way we do not know; it is attached as it came.")
UNDECODED_TEXT = _("A part of this mail is encoded in a way we do not know; it is shown as it came.")
UNENCODED = _("After an encoded part of this mail comes something that is not encoded; it is shown as it came.")
TNEF = _("This mail came in a format of Microsoft Outlook (winmail.dat), which is attached as it came.")
ENCRYPTED = _("This mail is encrypted; what was encrypted is attached.")
SIGNED = _("This mail is signed. The signature was not checked.")
RAW = _("No text and no file could be found in this mail. It is shown as it came.")

_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_SECRET = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_TEXTS = ("text/plain", "text/html")
_DATA = tuple(
    f"text/{kind}"
    for kind in "calendar csv vcard x-vcard directory css xml rtf rfc822-headers javascript tab-separated-values".split()
)
_DUPLICATES = ("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext")
_WORDS = re.compile(rb"[^\s=]{2}[ \t]+[^\s=]{2}")
_LONG_WORD = re.compile(r"\w{4,40}")
_PROBES = 12
_COMPARED = 4_000  # characters
_SHORT = 20  # characters that may well be said in other words
_RELATED = 0.1  # of what a plain text says, the least that its formatted form must say too


@dataclass
class Body:
    """The readable part of a mail as pieces in order, each (plain text, HTML): one of both, or both saying the same.

    ``hint`` is the charset that the rest of the mail is likely written in.
    """

    hint: str = ""
    pieces: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def remark(self, sentence: str) -> None:
        """Say something about the mail, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def empty(self) -> bool:
        """True while there is nothing to read."""
        return not any(plain.strip() or formatted.strip() for plain, formatted in self.pieces)

    def text(self) -> str:
        """All of it as plain text."""
        return "\n\n".join(plain for plain, _ in self.pieces if plain) or html.plain(
            "".join(formatted for _, formatted in self.pieces)
        )

    def read(self, root: Part) -> None:
        """Read a whole mail."""
        self._part(root)
        if self.empty():
            self.pieces = self._last_resort(root)

    def as_it_came(self, root: Part) -> str:
        """The raw text of a mail in which nothing else could be made out, "" when there is nothing in it indeed."""
        raw = "\n\n".join(
            text_parts.show(part.raw, "", self.hint).strip()
            for part in root.walk()
            if not part.children and _says_something(part)
        )
        if raw:
            self.remark(RAW)
        return raw

    def _last_resort(self, root: Part) -> list[tuple[str, str]]:
        """Words where no part is plainly the body: the first text that has a name, or what stands before the first
        boundary.
        """
        texts = (part for part in root.walk() if part.type in _TEXTS and part.disposition != "attachment")
        named = next((part for part in texts if part.given_name), None)
        if named or self.files:
            return [text_parts.piece(named, self.hint)] if named else []
        return [(text_parts.show(part.preamble, "", self.hint), "") for part in root.walk() if part.preamble.strip()]

    def _part(self, part: Part) -> None:
        """Add a part: what can be read as pieces, everything else as files."""
        if part.type == "multipart/alternative" and part.children:
            self._alternative(part)
        elif part.children:
            if not part.type.startswith("multipart/"):
                self.remark(SIGNED)
            elif part.type == "multipart/encrypted":
                self.remark(ENCRYPTED)
            for child in part.children:
                self._part(child)
        elif _is_text(part):
            self._text(part)
        elif part.raw.strip() or part.given_name:
            self._attach(part)

    def _text(self, part: Part) -> None:
        plain, formatted = text_parts.piece(part, self.hint)
        plain, files = uuencode.taken_out(plain) if "\nend" in plain else (plain, [])
        self.pieces.append((plain, formatted))
        self.files += files
        if part.unreadable:
            self.remark(UNDECODED_TEXT)
        rest = part.decoded()[1] if part.encoding else b""
        if rest:
            self.pieces.append((text_parts.show(rest, part.params.get("charset", ""), self.hint), ""))
            self.remark(UNENCODED)
        if part.disposition == "attachment":
            self.files.append(attachments.file_of(part, len(self.files) + 1))

    def _alternative(self, part: Part) -> None:
        """Of several forms of the same take the first plain and the last formatted one; what says something else is
        shown too.
        """
        plains: list[str] = []
        formatted: list[str] = []
        for child in part.children:
            if child.type in _DUPLICATES and len(part.children) > 1:
                continue
            inner = Body(self.hint, files=self.files, remarks=self.remarks)
            inner._part(child)
            text, shown = "\n\n".join(text for text, _ in inner.pieces if text.strip()), joined_html(inner.pieces)
            if text and not any(_says_the_same(text, other) for other in plains):
                plains.append(text)
            if shown:
                formatted = [
                    *(other for other in formatted if not _says_the_same(html.plain(other), html.plain(shown))),
                    shown,
                ]
        plain, shown = "\n\n".join(plains), "".join(formatted)
        if (
            len(plain) > _SHORT
            and shown
            and not _shares_words(plain, shown)
            and not _says_the_same(plain, html.plain(shown), _RELATED)
        ):
            self.pieces += [(plain, ""), ("", shown)]
        else:
            self.pieces.append((plain, shown))

    def _attach(self, part: Part) -> None:
        self.files.append(attachments.file_of(part, len(self.files) + 1))
        if part.unreadable:
            self.remark(UNDECODED)
        if part.too_deep:
            self.remark(CUT_SHORT)
        if part.type in _TNEF or self.files[-1].name.lower() == "winmail.dat":
            self.remark(TNEF)
        if part.type in _SECRET and part.params.get("smime-type") not in ("signed-data", "certs-only"):
            self.remark(ENCRYPTED)


def _is_text(part: Part) -> bool:
    """True for what is shown: text without a name; the mail's only part in any case, and a multipart in name only."""
    if part.type.startswith("multipart/"):
        return not part.too_deep
    if not part.type.startswith("text/") or part.type in _DATA or (part.unreadable and not _WORDS.search(part.raw)):
        return False
    return part.depth == 0 or (part.disposition != "attachment" and not part.given_name)


def _says_something(part: Part) -> bool:
    """True when a part has more than blanks, tags and entities of blanks in it."""
    return len(part.content) > html.MAX_READ or bool(html.without_tags(text_parts.show(part.content)).strip())


def _shares_words(text: str, source: str) -> bool:
    """True when half of some words of a text stand in the source of its other form: the quick answer for nearly all
    mail.
    """
    words = _LONG_WORD.findall(text[:_COMPARED])[:_PROBES]
    return 2 * sum(word in source for word in words) > len(words)


def _says_the_same(text: str, other: str, enough: float = 0.9) -> bool:
    """True when nearly all groups of four letters at the beginning of one text are in the other too, wherever lines
    are broken.
    """
    sample, whole = ("".join(filter(str.isalnum, piece)) for piece in (text[:_COMPARED], other[: 10 * _COMPARED]))
    groups = {sample[index : index + 4] for index in range(max(len(sample) - 3, 1))}
    known = {whole[index : index + 4] for index in range(max(len(whole) - 3, 1))}
    return len(groups & known) >= enough * len(groups)


def joined_html(pieces: Iterable[tuple[str, str]]) -> str:
    """One HTML body from pieces of which any is formatted, else ""."""
    pieces = list(pieces)
    if not any(formatted for _, formatted in pieces):
        return ""
    return "".join(formatted or html.from_text(plain) for plain, formatted in pieces if formatted or plain.strip())
