"""Telling what somebody wrote now from the history and the signature below it, in linear time and many languages."""

from __future__ import annotations

from collections.abc import Collection

from .quote_words import (
    ADDRESS,
    ANNOUNCES,
    CLOCK,
    DATE,
    FIELDS,
    FOOTER,
    FOOTER_RULE,
    FORWARDED,
    LINK,
    OPENING,
    ORIGINAL,
    RULE,
    SPEAKS,
    alone,
    attributed,
    attributes,
    comparable,
    ends_in_verb,
    is_device_line,
    may_attribute,
    names_writer,
)

MAX_LONG = 400  # characters; a longer line is nobody's attribution, header or separator
MAX_SIGNATURE = 25  # lines
MAX_ATTRIBUTION = 6  # lines
MAX_GAP = 10  # blank lines between an attribution and its quote
MAX_FOOTER = 12  # lines that a mailing list adds
SHORT_QUOTE = 3  # lines that may be no quote
AROUND_TITLES = "-–—_=: \t>"
WRAPPED = 60  # characters of a quoted line that a program may have broken

_FINISHED = '.?!:;…؟。？！»")'


def fold(text: str) -> tuple[str, str]:
    """Part a text into what was written now and what is only quoted or a signature (both stripped of blank ends)."""
    lines = text.split("\n")
    folded = mark(lines)
    own = "\n".join(line for line, old in zip(lines, folded, strict=False) if not old)
    old = "\n".join(line for line, old in zip(lines, folded, strict=False) if old)
    return own.strip("\n\r \t"), old.strip("\n")


def mark(lines: list[str], signed: Collection[int] = ()) -> list[bool]:
    """Say of every line whether it is history or signature. When nothing else would be left, nothing is folded.

    ``signed`` are the lines that the program itself marked as a signature.

    Old lines below are folded, and old lines above when the answer stands below them. Where answers stand between
    quoted lines the quotes are needed to understand them and stay. A forwarded message is what the sender wants read:
    it stays.
    """
    page = _Page(lines, signed)
    tail = page.signature(page.history(page.footer()))
    blocks = page.blocks(tail)
    if blocks and page.blank(blocks[-1][1], tail) and page.is_history(*blocks[-1], alone=len(blocks) == 1):
        tail = page.signature(blocks.pop()[0])
    tail = page.device(tail)
    folded = [False] * tail + [True] * (len(lines) - tail)
    if len(blocks) == 1 and page.blank(0, blocks[0][0]) and page.is_answered(*blocks[0]):
        folded[: blocks[0][1]] = [True] * blocks[0][1]
    if not any(text and not old for text, old in zip(page.plain, folded, strict=False)):
        return [False] * len(lines)
    return folded


class _Page:
    """The lines of one text, prepared for comparison: ``plain`` lines are folded to one spelling, quoted ones known."""

    def __init__(self, lines: list[str], signed: Collection[int] = ()):
        self.lines = lines
        self.signed = signed
        self.plain = [comparable(line[: 2 * MAX_LONG]) for line in lines]
        self.quoted = [line.startswith(">") for line in self.plain]
        for index in range(1, len(lines)):
            if self.quoted[index]:
                self.quoted[index] = not self._closes_address(index)
            elif self._wrapped(index):
                self.quoted[index] = True
        self.titles = [line.strip(AROUND_TITLES) for line in self.plain]
        self.forwarded = next(
            (index for index, title in enumerate(self.titles) if title in FORWARDED and not self._inside(index)),
            len(lines),
        )

    def _inside(self, index: int) -> bool:
        """True for a line in the middle of a quote. A forwarded message may begin with the first line of one."""
        return self.quoted[index] and index > 0 and self.quoted[index - 1]

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
            if FOOTER.search(below) and LINK.search(below) and not SPEAKS.search(below):
                return index
        return total

    def history(self, total: int) -> int:
        """Where everything that follows is history without quote marks; ``total``, the end, when there is none."""
        for index in range(min(total, self.forwarded)):
            line = self.plain[index]
            if not line or self.quoted[index] or len(line) > MAX_LONG:
                continue
            if self._starts_history(index):
                return self._ruled(index)
            first = self._attribution(index)
            if first >= 0 and not self._quote_follows(index + 1):
                return first
        return total

    def _starts_history(self, index: int) -> bool:
        line = self.plain[index]
        titled = self.titles[index] in ORIGINAL
        if titled or (line[0] in "-_=" and RULE.match(line)):
            after = self.next(index + 1)
            return (titled and line[0] in "-_=") or (after < len(self.plain) and self._fields(after, announced=True))
        return ":" in line and self._fields(index)

    def _fields(self, index: int, announced: bool = False) -> bool:
        """True when the fields of an old message ("From: … Sent: … To: …") begin here. People write such words too:
        where no title or rule announces them, an address or the moment of sending must stand there.
        """
        kinds, first, address, moment = set(), "", False, False
        for line in self.plain[index : index + 9]:
            kind = FIELDS.get(line.partition(":")[0].strip()) if ":" in line[:40] else None
            if not first and not kind:
                return False
            first = first or kind
            kinds.add(kind)
            address = address or ("@" in line and kind is not None)
            moment = moment or (kind == "sent" and bool(DATE.search(line) and CLOCK.search(line)))
        kinds.discard(None)
        if len(kinds) < 3 or "from" not in kinds or first == "cc":
            return False
        return ("sent" in kinds and (announced or address or moment)) or ("date" in kinds and address)

    def _attribution(self, last: int) -> int:
        """The first line of the attribution that ends on line ``last`` ("On … somebody wrote:"), or -1."""
        line, followed = alone(self.plain[last]), self._quote_follows(last + 1)
        if not line.endswith(":") and not ends_in_verb(line) and not (followed and ADDRESS.search(line)):
            return -1
        joined = ""
        for first in range(last, max(last - MAX_ATTRIBUTION, -1), -1):
            piece = alone(self.plain[first]) if first == last else self.plain[first].strip("-—= ")
            if (not piece and not joined.startswith(("<", "mailto:"))) or self.quoted[first] or len(piece) > MAX_LONG:
                break
            if first < last and piece.endswith((":", "?", "!")):
                break
            joined = f"{piece} {joined}".strip()
            if piece and (attributes(joined) or (followed and attributed(joined))):
                return self._ruled(self._whole(first))
        return self._ruled(last) if followed and may_attribute(line) else -1

    def _whole(self, first: int) -> int:
        """An attribution's own first line, when a program broke the line in the middle of the date or behind the
        name.
        """
        before = self.plain[first - 1] if first else ""
        if not before or self.quoted[first - 1] or OPENING.match(self.plain[first]) or before[-1] in _FINISHED:
            return first
        broken = ("@" in before and before.endswith(",")) or (OPENING.match(before) and before[-1] in ",0123456789")
        return first - 1 if broken else first

    def _ruled(self, first: int) -> int:
        """The rule, or the title in dashes, above the beginning of history, where only fields stand between them."""
        above = first - 1
        while above >= 0 and self.plain[above].partition(":")[0].strip() in FIELDS:
            above -= 1
        if above == first - 1:
            above = self._above(first)
        return above if above >= 0 and ANNOUNCES.match(self.plain[above]) else first

    def _quote_follows(self, index: int) -> bool:
        following = self.next(index)
        return following < len(self.plain) and self.quoted[following]

    def is_history(self, start: int, end: int, alone: bool) -> bool:
        """True for the last quote when an attribution stands above it or it is long. A short one that stands ``alone``
        is what somebody cites, and a ">" can be an arrow.
        """
        beginning = " ".join(line.lstrip("> ") for line in self.plain[start : start + 2])
        if not self.quoted[start] or end - start > SHORT_QUOTE or attributed(beginning):
            return True
        return not alone and not self.plain[start - 1]

    def is_answered(self, start: int, end: int) -> bool:
        """True for a first quote that the answer below does without: all but a short one right above it."""
        return not self.quoted[start] or end - start > SHORT_QUOTE or self.blank(end, end + 1)

    def signature(self, tail: int) -> int:
        """Where the signature above ``tail`` begins (what the program marked, or a line of two dashes), or ``tail``.

        Several lines of dashes are somebody's own, unless blank-ended; so is one with a question or a sentence of
        theirs below it.
        """
        start = tail
        while start and (start - 1 in self.signed or not self.plain[start - 1]):
            start -= 1
        if any(index in self.signed for index in range(start, tail)):
            return start
        alone, speaks = self.plain.count("--") + self.plain.count("—") == 1, False
        for index in range(tail - 1, max(tail - 1 - MAX_SIGNATURE, -1), -1):
            speaks = speaks or bool(SPEAKS.search(self.plain[index]))
            if self.plain[index] in ("--", "—") and ((alone and not speaks) or self.lines[index] == "-- "):
                return index
            if self.quoted[index]:
                break
        return tail

    def blocks(self, tail: int) -> list[tuple[int, int]]:
        """Runs of quoted lines before ``tail`` as (start, end), each with the attribution above it."""
        blocks: list[tuple[int, int]] = []
        index = 0
        while index < min(tail, self.forwarded):
            if not self.quoted[index]:
                index += 1
                continue
            start = index
            while index < tail and (self.quoted[index] or (not self.plain[index] and self._quote_next(index, tail))):
                index += 1
            blocks.append((self._with_attribution(start, index), index))
        return blocks

    def _quote_next(self, index: int, tail: int) -> bool:
        return index + 1 < tail and (self.quoted[index + 1] or (index + 2 < tail and self.quoted[index + 2]))

    def _with_attribution(self, start: int, end: int) -> int:
        last = self._above(start)
        if start - last > MAX_GAP or last < 0 or not self.plain[last]:
            return start
        if self.titles[last] in ORIGINAL:
            return last
        first = self._attribution(last)
        plainly = end - start > SHORT_QUOTE or names_writer(" ".join(self.plain[max(first, 0) : last + 1]))
        return first if first >= 0 and plainly else start

    def _above(self, index: int) -> int:
        """The last line above that is not blank, or the one where looking for it ends."""
        last = index - 1
        while last >= 0 and index - last <= MAX_GAP and not self.plain[last]:
            last -= 1
        return last

    def device(self, tail: int) -> int:
        """Where "Sent from my phone" stands above ``tail``, or ``tail``."""
        index = tail - 1
        while index > 0 and not self.plain[index]:
            index -= 1
        return index if index > 0 and is_device_line(self.plain[index]) else tail
