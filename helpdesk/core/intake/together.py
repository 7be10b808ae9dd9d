"""Stores what several requests bring at the same moment in one commit: whoever comes first writes for all who wait.

Each is answered after the commit that holds its raw messages (law 1). Where the commit of several fails, each is tried
alone, so that nobody fails by another's fault.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.errors import TryAgain, _
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .intake import Accepted, rows_of, store

MOST, BYTES = 100, 1024 * 1024  # rows, and bytes in them, that requests have in one commit together
PATIENCE = 30.0  # seconds a request waits for the commit of another


@dataclass(eq=False)
class Entry:
    """What one request brings, and what became of it. ``turn`` is set once it is stored, or when it is its turn to
    ``lead``.
    """

    account_id: int
    rows: list[dict[str, Any]]
    turn: threading.Event = field(default_factory=threading.Event)
    lead: bool = False
    accepted: list[Accepted] | None = None
    error: BaseException | None = None


@dataclass(eq=False)
class Group:
    """Those of one process who wait; ``led`` while one of them writes for all."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[Entry] = field(default_factory=list)
    led: bool = False


GROUPS: WeakKeyDictionary[Any, Group] = WeakKeyDictionary()


def accept(uow: UnitOfWork, account_id: int, received: Iterable[Received]) -> list[Accepted]:
    """As ``intake.accept_many`` for what is pushed; TryAgain when the others take too long."""
    entry = Entry(account_id, rows_of(uow, account_id, received))
    group = GROUPS.setdefault(uow.session.get_bind(), Group())
    with group.lock:
        group.waiting.append(entry)
        entry.lead, group.led = not group.led, True
    try:
        uow.session.rollback()  # who waits keeps no connection
        if not entry.lead:
            entry.turn.wait(PATIENCE)
        if entry.lead:
            _lead(uow, group)
    finally:
        _leave(group, entry)
    if entry.error is not None:
        raise entry.error
    if entry.accepted is None:
        raise TryAgain(_("The desk is busy. Please try again."))
    return entry.accepted


def _leave(group: Group, entry: Entry) -> None:
    """Wait no longer, whatever broke it off, and let the next one lead where it was this one's turn."""
    with group.lock:
        if entry in group.waiting:
            group.waiting.remove(entry)
        if not entry.lead:
            return
        following = next(iter(group.waiting), None)
        group.led = following is not None
        if following is not None:
            following.lead = True
            following.turn.set()


def _lead(uow: UnitOfWork, group: Group) -> None:
    """Write for all who wait now."""
    time.sleep(0)  # whoever is ready comes along
    with group.lock:
        number = _fitting(group.waiting)
        batch, group.waiting = group.waiting[:number], group.waiting[number:]
    failpoint("intake.before")
    try:
        _store(uow, batch)
    finally:
        for entry in batch:
            entry.turn.set()
    failpoint("intake.stored")


def _fitting(waiting: list[Entry]) -> int:
    """How many of those who wait are one commit, in their order: the first, and who is little beside it."""
    rows = size = 0
    for number, entry in enumerate(waiting):
        rows += len(entry.rows)
        size += sum(len(row["raw"] or b"") for row in entry.rows)
        if number and (rows > MOST or size > BYTES):
            return number
    return len(waiting)


def _store(uow: UnitOfWork, batch: list[Entry]) -> None:
    try:
        with uow.writing():
            stored = [store(uow, entry.account_id, entry.rows) for entry in batch]
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
            return
        for entry in batch:
            _store(uow, [entry])
        return
    for entry, accepted in zip(batch, stored, strict=True):
        entry.accepted = accepted
