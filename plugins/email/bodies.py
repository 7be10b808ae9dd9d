"""The text and the HTML of a mail we send: what was written, the quoted history below it, and the thread's marker at
the end.

Both read right in either direction: the plain text begins with a strong letter of its language, the HTML carries
``dir`` and ``lang`` on its outer table, and every quoted block keeps a direction of its own.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

from inscriptis import get_text

from helpdesk.api.channels import Outbound

from .attribution import attribution
from .encode_headers import language_tag, one_line, printable

RIGHT_TO_LEFT = {"fa", "ar", "he", "ur", "ps", "ckb", "azb", "yi"}
MARKS = {"rtl": "\N{RIGHT-TO-LEFT MARK}", "ltr": "\N{LEFT-TO-RIGHT MARK}"}
STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
HISTORY = 64_000  # characters of earlier messages that go along
LINK = re.compile(r"https?://[^\s<>\"'\u2066-\u2069]{3,2000}")
BLOCK = re.compile(r"<(p|div|li|ul|ol|blockquote|h[1-6]|td|th)(?=[ >])(?![^>]{0,2000} dir=)")
FONT = {
    "rtl": "font-family:Vazirmatn,Tahoma,Arial,sans-serif;font-size:15px;line-height:1.9;overflow-wrap:anywhere",
    "ltr": "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.6;overflow-wrap:anywhere",
}
QUOTE = {"rtl": "margin:8px 0;padding:0 12px 0 0;border-right", "ltr": "margin:8px 0;padding:0 0 0 12px;border-left"}


def direction_of(language: str) -> str:
    """The direction a language is written in: "rtl" or "ltr"."""
    return "rtl" if language.lower().partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def first_direction(text: str, otherwise: str) -> str:
    """The direction of the first strong letter, as ``dir=auto`` finds it."""
    return next((STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in STRONG), otherwise)


def text_body(outbound: Outbound) -> str:
    """The plain text, with line feeds."""
    written = text_of(outbound)
    blocks = [_led(written, direction_of(outbound.language))]
    for who, at, said in _history(outbound):
        quoted = "\n".join(f"> {row}".rstrip() for row in said.split("\n"))
        blocks.append(f"{attribution(one_line(who), at, outbound.language)}\n{quoted}")
    if outbound.token:
        blocks.append(marker(outbound))
    return "\n\n".join(blocks) + "\n"


def html_body(outbound: Outbound) -> str:
    """The HTML document."""
    side = direction_of(outbound.language)
    language = language_tag(outbound.language)
    history = "".join(_quote(who, at, said, outbound.language) for who, at, said in _history(outbound))
    written = BLOCK.sub(r'<\1 dir="auto"', outbound.html) if outbound.html else paragraphs(_clean(outbound.text))
    note = (
        f'<div dir="ltr" style="color:#8a8f98;font-size:11px">{escape(marker(outbound))}</div>'
        if outbound.token
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{side}"><head><meta charset="utf-8"></head><body>\n'
        f'<table role="presentation" dir="{side}" lang="{language}" width="100%" cellpadding="0" '
        'cellspacing="0" border="0">'
        f'<tr><td style="{FONT[side]}">\n{written}\n{history}\n{note}\n</td></tr></table>\n</body></html>\n'
    )


def marker(outbound: Outbound) -> str:
    """The thread's token as it stands in the body, for providers that rewrite the headers that carry it."""
    return f"[#{one_line(outbound.token)}]"


def text_of(outbound: Outbound) -> str:
    """What was written, as plain text, made from the HTML where there is nothing else."""
    return _clean(outbound.text) or _clean(get_text(outbound.html) if outbound.html else "")


def paragraphs(text: str) -> str:
    """HTML of plain text: a paragraph for each block of lines, each with its own direction, and links that can be
    clicked.
    """
    blocks = re.split(r"\n(?:[ \t]*\n)+", text)
    return "\n".join(
        f'<p dir="auto">{"<br>".join(_linked(row) for row in block.split(chr(10)))}</p>' for block in blocks
    )


def _linked(row: str) -> str:
    parts, end = [], 0
    for found in LINK.finditer(row):
        url = found.group().rstrip(".,;:!?)]}»،؛؟")
        parts += [escape(row[end : found.start()]), f'<a dir="ltr" href="{escape(url)}">{escape(url)}</a>']
        end = found.start() + len(url)
    return "".join([*parts, escape(row[end:])])


def _quote(who: str, at, said: str, language: str) -> str:
    side = first_direction(said, direction_of(language))
    line = escape(attribution(one_line(who), at, language))
    return (
        f'<p dir="auto" style="color:#5b616b">{line}</p>\n'
        f'<blockquote type="cite" dir="{side}" style="{QUOTE[side]}:2px solid '
        f'#c9ced6;color:#5b616b">\n{paragraphs(said)}\n</blockquote>\n'
    )


def _history(outbound: Outbound) -> list[tuple]:
    """As many of the earlier messages as there is room for, newest first."""
    kept, room = [], HISTORY
    for who, at, said in outbound.history:
        said = _clean(said)[:room]
        if said:
            kept.append((who, at, said))
        room -= len(said)
    return kept


def _led(text: str, side: str) -> str:
    """The text with a mark of its language's direction in front, when its first letter would turn it the other way."""
    other = first_direction(text, side)
    kinds = map(unicodedata.bidirectional, text)
    return MARKS[side] + text if other != side and any(STRONG.get(kind) == side for kind in kinds) else text


def _clean(text: str) -> str:
    """Line feeds only, no controls, nothing that cannot be written as UTF-8."""
    return "\n".join(printable(row).rstrip() for row in text.expandtabs(4).splitlines()).strip("\n")
