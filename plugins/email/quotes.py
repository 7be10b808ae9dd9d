"""Telling what somebody wrote now from the history and the signature below it, in linear time and many languages."""

from __future__ import annotations

from .quote_words import (
    ADDRESS,
    ADDRESSED,
    CLOCK,
    DATE,
    FIELDS,
    FOOTER,
    FOOTER_RULE,
    FORWARDED,
    LINK,
    OPENING,
    ORIGINAL,
    PERSONAL,
    WROTE,
    ends_in_verb,
    is_device_line,
)

MAX_LONG = 400  # characters; a longer line is nobody's attribution, header or separator
MAX_SIGNATURE = 25  # lines
MAX_ATTRIBUTION = 6  # lines
MAX_GAP = 10  # blank lines between an attribution and its quote
MAX_FOOTER = 12  # lines that a mailing list adds
SHORT_QUOTE = 3  # lines that may be no quote
WRAPPED = 60  # characters of a quoted line that a program may have broken

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_COMPARABLE = _INVISIBLE | {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک", ord("*"): None, ord("\xa0"): " "}
_COMPARABLE |= {ord(digit): str(value) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(digits)}
_FINISHED = '.?!:;…؟。？！»")'


def fold(text: str) -> tuple[str, str]:
    """Part a text into what was written now and what is only quoted or a signature (both stripped of blank ends)."""
    lines = text.split("\n")
    folded = mark(lines)
    own = "\n".join(line for line, old in zip(lines, folded, strict=False) if not old)
    old = "\n".join(line for line, old in zip(lines, folded, strict=False) if old)
    return own.strip("\n\r \t"), old.strip("\n")


def mark(lines: list[str]) -> list[bool]:
    """Say of every line whether it is history or signature. When nothing else would be left, nothing is folded.

    Old lines below are folded, and old lines above when the answer stands below them. Where answers stand between
    quoted lines the quotes are needed to understand them and stay. A forwarded message is what the sender wants read:
    it stays.
    """
    page = _Page(lines)
    tail = page.signature(page.history(page.footer()))
    blocks = page.blocks(tail)
    if blocks and page.blank(blocks[-1][1], tail) and page.is_history(*blocks[-1]):
        tail = page.signature(blocks.pop()[0])
    tail = page.device(tail)
    folded = [False] * tail + [True] * (len(lines) - tail)
    if len(blocks) == 1 and page.blank(0, blocks[0][0]):
        folded[: blocks[0][1]] = [True] * blocks[0][1]
    if not any(text and not old for text, old in zip(page.plain, folded, strict=False)):
        return [False] * len(lines)
    return folded


class _Page:
    """The lines of one text, prepared for comparison: ``plain`` lines are folded to one spelling, quoted ones known."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.plain = [_comparable(line) for line in lines]
        self.quoted = [line.startswith(">") for line in self.plain]
        for index in range(1, len(lines)):
            if self.quoted[index]:
                self.quoted[index] = not self._closes_address(index)
            elif self._wrapped(index):
                self.quoted[index] = True

    def _closes_address(self, index: int) -> bool:
        """True for the ">" of "<somebody@example.com" on the line before: an attribution broken there."""
        line, before = self.plain[index], self.plain[index - 1]
        opened = "<" in line or before.rfind("<") > before.rfind(">") or before.endswith(">")
        return opened and line.endswith(":") and len(line) < 40 and not self.quoted[index - 1]

    def _wrapped(self, index: int) -> bool:
        """True for the end of a quoted line that a program broke without a mark: the quoted line stops in the middle
        of a sentence.
        """
        line, before = self.plain[index], self.plain[index - 1]
        if (
            not line
            or not self.quoted[index - 1]
            or len(before) < WRAPPED
            or before[-1] in _FINISHED
            or len(line) >= len(before)
        ):
            return False
        goes_on = index + 1 >= len(self.plain) or not self.plain[index + 1] or self.plain[index + 1].startswith(">")
        return goes_on and not self.lines[index].lstrip()[:1].isupper()

    def blank(self, start: int, end: int) -> bool:
        return not any(self.plain[start:end])

    def next(self, index: int) -> int:
        """The first line with something in it from ``index`` on."""
        while index < len(self.plain) and not self.plain[index]:
            index += 1
        return index

    def footer(self) -> int:
        """Where the lines begin that a mailing list put below everything, or the end."""
        total = len(self.plain)
        last = total - 1
        while last > 0 and not self.plain[last]:
            last -= 1
        for index in range(last, max(last - MAX_FOOTER, 0), -1):
            if self.quoted[index]:
                break
            below = "\n".join(self.plain[index + 1 : last + 1]) if FOOTER_RULE.match(self.plain[index]) else ""
            if FOOTER.search(below) and LINK.search(below):
                return index
        return total

    def history(self, total: int) -> int:
        """Where everything that follows is history without quote marks; ``total``, the end, when there is none."""
        for index in range(total):
            line = self.plain[index]
            if not line or self.quoted[index] or len(line) > MAX_LONG:
                continue
            if _title(line) in FORWARDED:
                return total
            if self._starts_history(index):
                return index
            first = self._attribution(index)
            if first >= 0 and not self._quote_follows(index + 1):
                return first
        return total

    def _starts_history(self, index: int) -> bool:
        line = self.plain[index]
        titled, ruled = _title(line) in ORIGINAL, len(line) >= 10 and set(line) <= set("-_=")
        if titled or ruled:
            after = self.next(index + 1)
            return (titled and line[0] in "-_=") or (after < len(self.plain) and self._fields(after))
        return ":" in line and self._fields(index)

    def _fields(self, index: int) -> bool:
        """True when the fields of an old message ("From: … Sent: … To: …") begin here."""
        kinds, first, address = set(), "", False
        for line in self.plain[index : index + 9]:
            kind = FIELDS.get(line.partition(":")[0].strip()) if ":" in line[:40] else None
            if not first and not kind:
                return False
            first = first or kind
            kinds.add(kind)
            address = address or ("@" in line and kind is not None)
        kinds.discard(None)
        if len(kinds) < 3 or "from" not in kinds or first == "cc":
            return False
        return "sent" in kinds or ("date" in kinds and address)

    def _attribution(self, last: int) -> int:
        """The first line of the attribution that ends on line ``last`` ("On … somebody wrote:"), or -1."""
        line = self.plain[last].strip("-—= ")
        if not line.endswith(":") and not ends_in_verb(line):
            return -1
        joined = ""
        for first in range(last, max(last - MAX_ATTRIBUTION, -1), -1):
            piece = self.plain[first].strip("-—= ")
            if (not piece and not joined.startswith(("<", "mailto:"))) or self.quoted[first] or len(piece) > MAX_LONG:
                break
            if first < last and piece.endswith((":", "?", "!")):
                break
            joined = f"{piece} {joined}".strip()
            if piece and _attributes(joined):
                return self._whole(first)
        return last if self._quote_follows(last + 1) and _may_attribute(line) else -1

    def _whole(self, first: int) -> int:
        """An attribution's own first line, when a program broke the line in the middle of the date or behind the
        name.
        """
        before = self.plain[first - 1] if first else ""
        if not before or self.quoted[first - 1] or OPENING.match(self.plain[first]) or before[-1] in _FINISHED:
            return first
        broken = ("@" in before and before.endswith(",")) or (OPENING.match(before) and before[-1] in ",0123456789")
        return first - 1 if broken else first

    def _quote_follows(self, index: int) -> bool:
        following = self.next(index)
        return following < len(self.plain) and self.quoted[following]

    def is_history(self, start: int, end: int) -> bool:
        """True for a quote that an attribution or a blank line parts from what stands above it, or a long one; a ">"
        can be an arrow.
        """
        parted = not self.quoted[start] or start == 0 or not self.plain[start - 1]
        return parted or end - start > SHORT_QUOTE or _attributes(self.plain[start].lstrip("> "))

    def signature(self, tail: int) -> int:
        """Where the signature above ``tail`` begins (a line of two dashes), or ``tail``. Several such lines are
        somebody's own, unless blank-ended.
        """
        alone = self.plain.count("--") == 1
        for index in range(tail - 1, max(tail - 1 - MAX_SIGNATURE, -1), -1):
            if self.plain[index] in ("--", "—") and (alone or self.lines[index] in ("-- ", "—")):
                return index
            if self.quoted[index]:
                break
        return tail

    def blocks(self, tail: int) -> list[tuple[int, int]]:
        """Runs of quoted lines before ``tail`` as (start, end), each with the attribution above it."""
        blocks: list[tuple[int, int]] = []
        index = 0
        while index < tail:
            if not self.quoted[index]:
                index += 1
                continue
            start = index
            while index < tail and (self.quoted[index] or (not self.plain[index] and self._quote_next(index, tail))):
                index += 1
            blocks.append((self._with_attribution(start), index))
        return blocks

    def _quote_next(self, index: int, tail: int) -> bool:
        return index + 1 < tail and (self.quoted[index + 1] or (index + 2 < tail and self.quoted[index + 2]))

    def _with_attribution(self, start: int) -> int:
        last = start - 1
        while last >= 0 and start - last <= MAX_GAP and not self.plain[last]:
            last -= 1
        if last < 0 or not self.plain[last]:
            return start
        if _title(self.plain[last]) in ORIGINAL:
            return last
        first = self._attribution(last)
        return first if first >= 0 else start

    def device(self, tail: int) -> int:
        """Where "Sent from my phone" stands above ``tail``, or ``tail``."""
        index = tail - 1
        while index > 0 and not self.plain[index]:
            index -= 1
        return index if index > 0 and is_device_line(self.plain[index]) else tail


def _attributes(words: str) -> bool:
    """True when these words say who wrote what follows, and when; nothing that a person says of themselves."""
    dated, timed, wrote = DATE.search(words), CLOCK.search(words), WROTE.search(words)
    opens, addressed = OPENING.match(words), "@" in words
    if not words.endswith(":"):
        return bool(dated and timed and addressed and opens)
    if wrote and (dated or timed) and (opens or addressed):
        return bool(ADDRESS.search(words)) or not PERSONAL.search(words)
    return bool(dated and timed and opens and ADDRESSED.search(words))


def _may_attribute(line: str) -> bool:
    """True for a line that attributes, less plainly, the quote that follows it."""
    dated = DATE.search(line) or CLOCK.search(line)
    return line.endswith(":") and bool(WROTE.search(line) or (dated and ("@" in line or OPENING.match(line))))


def _comparable(line: str) -> str:
    """A line in one spelling: no invisible characters or emphasis, Persian letters only, lower case, no blank ends."""
    if len(line) > 2 * MAX_LONG:
        line = line[: 2 * MAX_LONG]
    if not line.isascii():
        line = line.translate(_COMPARABLE).replace("：", ":").replace("’", "'")
    elif "*" in line:
        line = line.replace("*", "")
    return line.strip().lower()


def _title(line: str) -> str:
    """The words of a separator line without its dashes and colon."""
    return line.strip("-–—_=: \t").strip()
