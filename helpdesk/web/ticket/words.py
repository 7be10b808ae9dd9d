"""What people wrote, as paragraphs of a page: each with its own direction, addresses made into links, everything else inert."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from helpdesk.language import gettext, retell

LONGEST = 30_000  # characters shown in place; the rest is one click away
LINKS = 200
_ADDRESS = re.compile(r"https?://[^\s<>\"'\u200e\u200f\u2066-\u2069]{1,2000}")
_APART = re.compile(r"\n{2,}")
_TRAILING = ".,;:!?)]}»”،؛؟"


def text_of(item: dict) -> str:
    """The words of a message item of ``core.thread``. The note on a failed delivery is the desk's own, said in the reader's language."""
    reason = item["details"].get("reason") if item["kind"] == "note" else ""
    return gettext("This message did not reach the customer: %(reason)s", reason=retell(reason)) if reason else item["text"]


def paragraphs(text: str) -> Markup:
    """The text as ``<p dir="auto">`` elements, at most ``LONGEST`` characters of it; linear time, since it is a stranger's."""
    parts = _APART.split(text[:LONGEST].strip("\n"))
    return Markup("").join(Markup('<p dir="auto">{}</p>').format(_line_breaks(part)) for part in parts)


def _line_breaks(part: str) -> Markup:
    return Markup("<br>").join(_linked(line) for line in part.split("\n"))


def _linked(line: str) -> Markup:
    if "http" not in line:
        return escape(line)
    out, end = [], 0
    for count, found in enumerate(_ADDRESS.finditer(line)):
        if count == LINKS:
            break
        address = found[0].rstrip(_TRAILING)
        out += [escape(line[end : found.start()]), _link(address)]
        end = found.start() + len(address)
    return Markup("").join([*out, escape(line[end:])])


def _link(address: str) -> Markup:
    return Markup('<a class="link" dir="ltr" href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(address)
