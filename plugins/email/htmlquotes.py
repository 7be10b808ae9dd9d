"""Folding the history and the signature in sanitised HTML, by the same rules as in text.

The HTML must come from ``html.sanitise``: there every "<" begins a tag and every attribute is in double quotes.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from .html import SIGNATURE
from .quotes import mark

_TOKEN = re.compile(r"<(/?)([a-z0-9]+)[^>]*>|[^<]+")
_VOID = {"br", "hr", "img", "col", "wbr"}
_INLINE = set(
    "a abbr b bdi bdo big cite code del dfn em font i img ins kbd mark q s samp small span strike strong sub "
    "sup time tt u var wbr".split()
)
FOLD = '<details class="quoted-history"><summary>•••</summary>'
_RULE = "_" * 20


@dataclass
class _Line:
    """A line of what the HTML shows: where it begins, how deep in quotes it is, whether all of it stands in a
    signature, and its pieces of text.
    """

    start: int
    depth: int = 0
    signed: bool = False
    words: list[str] = field(default_factory=list)

    def add(self, word: str, signed: bool) -> None:
        if not word.isspace():
            self.signed = signed and (self.signed or not self.says_something())
        self.words.append(word)

    def says_something(self) -> bool:
        return any(not word.isspace() for word in self.words)

    def text(self) -> str:
        return "> " * min(self.depth, 3) + " ".join("".join(self.words).split())


def fold(html: str) -> tuple[str, str, str]:
    """Put old lines into a closed ``<details>``; gives the whole, then what is shown and what is folded each alone.

    Only old lines at the end and at the beginning are folded; the elements around a cut are closed and opened again.
    """
    lines = _lines(html)
    signed = {index for index, line in enumerate(lines) if line.signed}
    folded = mark([line.text() for line in lines], signed)
    if not any(folded):
        return html, html, ""
    shown, above, below = html, "", ""
    if folded[-1]:
        shown, below = _cut(shown, lines[len(folded) - folded[::-1].index(False)].start)
    if folded[0]:
        above, shown = _cut(shown, lines[folded.index(False)].start)
    before, after = (f"{FOLD}{old}</details>" if old else "" for old in (above, below))
    return before + shown + after, shown, above + below


def _cut(html: str, position: int) -> tuple[str, str]:
    """Both halves of the HTML, each balanced."""
    opened: list[tuple[str, str]] = []
    for token in _TOKEN.finditer(html, 0, position):
        if token[1] and opened:
            opened.pop()
        elif token[2] and token[2] not in _VOID:
            opened.append((token[2], token[0]))
    closing = "".join(f"</{name}>" for name, _ in reversed(opened))
    opening = "".join(tag for _, tag in opened)
    return html[:position] + closing, opening + html[position:]


def _lines(html: str) -> list[_Line]:
    """The lines that the HTML shows."""
    lines, quotes, depth, signed = [_Line(0)], 0, 0, 0  # ``signed``: how deep the signature around begins, or 0
    for token in _TOKEN.finditer(html):
        closing, name, line = token[1], token[2], lines[-1]
        if name is None:
            line.add(entities.unescape(token[0]), bool(signed))
            line.depth = quotes
            continue
        if name not in _VOID:
            signed = 0 if closing and depth == signed else signed
            depth += -1 if closing else 1
            signed = signed or (depth if SIGNATURE in token[0] else 0)
        if name not in _INLINE and name != "br" and line.says_something():
            line = _Line(token.start(), quotes)
            lines.append(line)
        if name == "hr":
            line.words.append(_RULE)
        if name in ("br", "hr"):
            lines.append(_Line(token.end(), quotes))
        elif name == "blockquote":
            quotes += -1 if closing else 1
            lines.append(_Line(token.start(), quotes))  # a blank line parts it from what stands above
    return lines
