"""Bounces that say only in words who was not reached, and why: the words and forms of many mail servers and
languages.
"""

from __future__ import annotations

import re

from helpdesk.api.channels import Address, Outcome

from . import daemons
from .address_fields import Fields, clean
from .addresses import people
from .delivery_status import STATUS
from .domains import one_form
from .failure_words import BEGINS, DELAYED, DELIVERED, FAILED, HELP, ORIGINAL, PERMANENT

MAX_READ = 20_000  # characters of the text
MAX_LINES = 400
MAX_LINE = 500  # characters of each
MAX_RECIPIENTS = 20

_ADDRESS = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~@-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")


def tells(head: Fields, text: str, enclosed: bool) -> bool:
    """True when this mail says in words that something was not delivered; of a sender who may be a person more is
    asked.
    """
    daemon, null = daemons.is_daemon(head), daemons.null_envelope(head)
    if not (daemon or null or daemons.named_like(head) or daemons.submitted(head)):
        return False
    subject, start = head.line("subject"), text[:MAX_READ]
    failing = bool(FAILED.search(subject))
    if not (failing or FAILED.search(start) or DELAYED.search(subject)):
        return daemon and _returns(head, start, enclosed, null)
    code = bool(STATUS.search(start) or _CODE.search(start))
    if daemon or null:
        return daemon or failing or enclosed or code
    return code and (enclosed or bool(ORIGINAL.search(start)) or (failing and bool(_named(head, _lines(start)))))


def _returns(head: Fields, start: str, enclosed: bool, null: bool) -> bool:
    """True when a daemon's mail in words we do not know gives back what we sent: it names somebody, and says so in
    a form (a code, the returned mail), or comes from where nobody is answered.
    """
    returned = STATUS.search(start) or enclosed or ORIGINAL.search(start) or (null and not DELIVERED.search(start))
    return bool(returned and _named(head, _lines(start)))


def outcomes(head: Fields, text: str) -> list[Outcome]:
    """An outcome for everybody the words name as not reached."""
    start = text[:MAX_READ]
    failed = FAILED.search(start)
    original = ORIGINAL.search(start, failed.end() if failed else 0)
    lines = _lines(start[: original.start()] if original else start)
    reported = "\n".join(lines)
    named = {
        person.value: _lines_with(lines, person.value) for person in people(head.all("x-failed-recipients"))
    } or _named(head, lines)
    subject, only = head.line("subject"), len(named) == 1
    every = sorted({line for places in named.values() for line in places})
    return [
        _outcome(
            address, "\n".join(_about(lines, places, every)) if places else "", reported, subject, only or not places
        )
        for address, places in list(named.items())[:MAX_RECIPIENTS]
    ]


def _named(head: Fields, lines: list[str]) -> dict[str, list[int]]:
    """The addresses that are most plainly named as recipients, each with the lines it stands on."""
    own = {person.value for person in people(head.all("from", "to", "sender", "delivered-to"))}
    graded: dict[str, int] = {}
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        for found in _ADDRESS.finditer(line):
            address = one_form(found[0].rstrip(".'").lstrip("'=/"))
            grade = _grade(lines, index, found)
            if (
                grade
                and address not in own
                and not re.match(r"(?:mailer-?daemon|post-?master|abuse|bounces?)\b", address)
            ):
                graded[address] = max(grade, graded.get(address, 0))
                places.setdefault(address, []).append(index)
    best = max(graded.values(), default=0)
    return {address: places[address] for address, grade in graded.items() if grade == best}


def _grade(lines: list[str], index: int, found: re.Match) -> int:
    """How plainly an address is a recipient: 3 at the beginning of a line, 2 beside a code or words of failure, 1 in
    other words.
    """
    line = lines[index]
    if HELP.search(line[: found.start()]):
        return 0
    if BEGINS.match(line[: found.start()]):
        return 3
    return 2 if STATUS.search(line) or _CODE.search(line) or FAILED.search(line) else 1


def _lines(text: str) -> list[str]:
    return [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]]


def _lines_with(lines: list[str], address: str) -> list[int]:
    return [index for index, line in enumerate(lines) if address in line.lower()]


def _about(lines: list[str], places: list[int], every: list[int]) -> list[str]:
    """The lines that speak of one recipient: from each that names it up to the next that names anybody."""
    following = dict(zip(every, [*every[1:], len(lines)], strict=False))
    return [line for place in places for line in lines[place : following.get(place, place + 1)]]


def _outcome(address: str, about: str, reported: str, subject: str, alone: bool) -> Outcome:
    text = about if not alone and about else f"{about}\n{reported}"
    status, code = STATUS.search(text), _CODE.search(text)
    kind = status[1][0] if status else code[1] if code else ""
    delayed = DELAYED.search(subject) or (DELAYED.search(reported) and not PERMANENT.search(reported))
    state = "delayed" if delayed and kind != "5" else "failed"
    return Outcome(
        Address("email", address),
        state,
        status[1] if status else "",
        clean(" ".join((about if not alone else reported).split()), 500),
    )
