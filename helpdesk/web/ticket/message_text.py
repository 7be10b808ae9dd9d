"""What people wrote, as paragraphs of a page: each with its own direction, addresses made into links, everything
else inert.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from helpdesk.core.outbox.results import unreached
from helpdesk.core.outbox.templates import PLACE
from helpdesk.i18n import render_message, render_parts
from helpdesk.web import runtime

LONGEST = 30_000  # characters shown in place; the rest is one click away
LINKS = 200
_ADDRESS = re.compile(r"https?://[^\s<>\"'\u200e\u200f\u2066-\u2069]{1,2000}")
_APART = re.compile(r"\n{2,}")
_TRAILING = ".,;:!?)]}»”،؛؟"


def text_of(item: dict) -> str:
    """The words of a message item of ``core.tickets.timeline``. What is the desk's own is said in the reader's
    language: the note on a failed delivery, and the first line of a call or a visit.
    """
    told = item["details"].get("told") if item["form"] != "text" else None
    if told:
        return "\n".join([render_parts(told), *item["text"].split("\n")[1:]])
    said = item["details"] if item["kind"] == "note" else {}
    if not said.get("reason"):
        return item["text"]
    return render_message(unreached(said["reason"], said.get("missed", []), bool(said.get("uncertain"))))


def reactions_for(item: dict) -> tuple[str, ...]:
    """The reactions the desk may give a message item: those of its channel, to a customer's message that stands."""
    if item["kind"] != "in" or item["deleted_at"] or not item["account"]:
        return ()
    channel = runtime().channels.get(item["account"]["channel"])
    return channel.accepts.own_reactions if channel else ()


def paragraphs(text: str) -> Markup:
    """The text as ``<p dir="auto">`` elements, at most ``LONGEST`` characters of it; linear time, since it is a
    stranger's.
    """
    parts = _APART.split(text[:LONGEST].strip("\n"))
    return Markup("".join(f'<p dir="auto">{_linked(part)}</p>' for part in parts).replace("\n", "<br>"))


def _linked(part: str) -> Markup:
    if "http" not in part:
        return escape(part)
    out, end = [], 0
    for count, found in enumerate(_ADDRESS.finditer(part)):
        if count == LINKS:
            break
        address = found[0].rstrip(_TRAILING)
        out += [escape(part[end : found.start()]), _link(address)]
        end = found.start() + len(address)
    return Markup("").join([*out, escape(part[end:])])


def _link(address: str) -> Markup:
    return Markup(
        '<a class="link" dir="ltr" href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>'
    ).format(address)


def with_places(text: str) -> Markup:
    """A template's text, each place of a value marked so that the page can fill it while it is typed."""
    return Markup(PLACE.sub(lambda place: f'<mark data-place="{place[1]}">{place[0]}</mark>', str(escape(text))))
