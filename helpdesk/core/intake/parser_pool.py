"""Parsing hostile bytes in child processes: limits on memory and time, JSON out, never pickle (law 1).

One frame each way over a socket pair; on the way in the raw bytes follow the JSON. The child stores attachments as
blobs itself, so that only hashes come back.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from helpdesk.core.channels.types import AccountView, RawMessage
from helpdesk.core.errors import HelpdeskError, Malformed, Unavailable, _

from .parser_child import STARTING, Child, Job, Parsed, died

DEADLINE = 5.0  # seconds one raw message may take among others
SLOWLY = 60.0  # seconds it may take when it is read again by itself
CLEANING = 3.0  # seconds one text's formatting, or a picture, may take
PORTION = 8 * 1024 * 1024  # bytes of raw messages a child is given at once
QUICKLY = 2.0  # seconds a small message of an interactive channel may take before it is read again by itself
NICE = 5  # the niceness of children that parse in bulk
IDLE = 300.0  # seconds after which a child that has nothing to do is let go

T = TypeVar("T")
Borrow = Callable[[], AbstractContextManager[Child]]


class ParserPool:
    """Up to ``size`` children, started when needed. ``parse`` may be called from several threads or greenlets."""

    def __init__(
        self, environment: dict[str, str], command: list[str] | None = None, size: int = 2, deadline: float = DEADLINE
    ):
        self.command = command or [sys.executable, "-m", "helpdesk.runtime.parse_worker"]
        self.environment = environment
        self.deadline = deadline
        self._free: list[Child] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)
        self.slowly = SLOWLY
        self._alone = threading.BoundedSemaphore(1)  # for what is read slowly
        self._reserved: list[Child] = []  # one at most, for small messages of interactive channels alone
        self._reserve = threading.BoundedSemaphore(1)
        self._cleaning = threading.BoundedSemaphore(1)  # a slot of its own, so that sanitising never delays messages

    def parse(self, channel: str, account: AccountView, raw_message: RawMessage) -> Parsed:
        """What the channel makes of a raw message. Malformed when it cannot be read, ParserDied when it broke the
        child.
        """
        (result,) = self.parse_many([(channel, account, raw_message)])
        if isinstance(result, HelpdeskError):
            raise result
        return result

    def clean(self, html: str) -> str:
        """HTML made safe by a child (``serve``'s ``clean``); ParserDied when it needs too much, Unavailable when
        others are before it.
        """
        return self._aside(lambda child: child.clean(html, CLEANING))

    def picture(self, content: bytes) -> bytes:
        """A picture made anew by a child, small and square (``serve``'s ``picture``); Malformed for what is none, and
        else as ``clean``.
        """
        made = self._aside(lambda child: child.picture(content, CLEANING))
        if not made:
            raise Malformed(_("This is no picture."))
        return made

    def _aside(self, act: Callable[[Child], T]) -> T:
        if not self._cleaning.acquire(timeout=STARTING):
            raise Unavailable(_("The desk cannot do this right now. Please try again in a moment."))
        try:
            with self._bulk_child(nullcontext()) as child:
                return act(child)
        except (OSError, EOFError) as error:
            raise died(error) from None
        finally:
            self._cleaning.release()

    def parse_many(self, jobs: list[Job]) -> list[Parsed | HelpdeskError]:
        """The same for several, in their order; errors are returned in the places of what they concern."""
        return self._all(jobs, self._bulk_child, self.deadline)

    def parse_fast(self, jobs: list[Job]) -> list[Parsed | HelpdeskError]:
        """The same for small messages of interactive channels, by the child that is reserved for them."""
        return self._all(jobs, self._reserved_child, QUICKLY)

    def parse_slowly(self, jobs: list[Job]) -> list[Parsed | HelpdeskError]:
        """The same for one that took too long among others, in a place of its own."""
        return self._some(jobs, lambda: self._bulk_child(self._alone), self.slowly)

    def _all(self, jobs: list[Job], child: Borrow, deadline: float) -> list[Parsed | HelpdeskError]:
        results: list[Parsed | HelpdeskError] = []
        while len(results) < len(jobs):
            results += self._some(_portion(jobs[len(results) :]), child, deadline)
        return results

    def _some(self, jobs: list[Job], borrow: Borrow, deadline: float) -> list[Parsed | HelpdeskError]:
        """Answers to the first of these jobs: all, or as far as the child came and an error for the one that ended
        it.
        """
        results: list[Parsed | HelpdeskError] = []
        try:
            with borrow() as child:
                child.ask(jobs)
                for _job in jobs:
                    results.append(child.answer(deadline))
        except Exception as error:  # a child that reads hostile bytes may answer anything
            results.append(died(error))
        return results

    def warm(self, fast: bool = False) -> None:
        """Have a child ready, so that what is claimed afterwards is not long in hand; Unavailable when none can be
        started.
        """
        try:
            with self._reserved_child() if fast else self._bulk_child() as child:
                child.begin()
        except (OSError, EOFError) as error:
            raise Unavailable(
                _("The parser of incoming messages cannot be started (%(fault)s)."), fault=type(error).__name__
            ) from error

    def shrink(self, idle: float = IDLE) -> None:
        """End children that had nothing to do for ``idle`` seconds."""
        with self._lock:
            old = [c for c in self._free if time.monotonic() - c.idle_since > idle]
            self._free[:] = [c for c in self._free if c not in old]
        for child in old:
            child.end()

    def reserve(self, wanted: bool) -> None:
        """Have the child of interactive channels ready, or none."""
        if wanted:
            self.warm(fast=True)
        elif self._reserved and self._reserve.acquire(blocking=False):
            self._reserved.pop().end()
            self._reserve.release()

    def close(self) -> None:
        """End every child."""
        self.shrink(idle=-1)
        self.reserve(False)

    def _bulk_child(self, place: AbstractContextManager[Any] | None = None) -> AbstractContextManager[Child]:
        return self._child(place or self._places, self._free, NICE, self.environment)

    def _reserved_child(self) -> AbstractContextManager[Child]:
        return self._child(self._reserve, self._reserved, 0, {**self.environment, "PARSE_FAST": "1"})

    @contextmanager
    def _child(
        self, place: AbstractContextManager[Any], idle: list[Child], nice: int, environment: dict[str, str]
    ) -> Iterator[Child]:
        with place:
            child = self._waiting(idle) or Child(self.command, environment, nice)
            try:
                yield child
            except BaseException:
                child.end()
                raise
            child.idle_since = time.monotonic()
            with self._lock:
                idle.append(child)

    def _waiting(self, idle: list[Child]) -> Child | None:
        """An idle child. One that was killed meanwhile is dropped: the next message did not cause that."""
        with self._lock:
            while idle:
                child = idle.pop()
                if child.process.poll() is None:
                    return child
                child.end()
        return None


def _portion(jobs: list[Job]) -> list[Job]:
    """As many jobs as may stand in a child's memory at once, at least one."""
    size, count = 0, 0
    for _channel, _account, raw_message in jobs:
        size += len(raw_message.raw)
        if count and size > PORTION:
            break
        count += 1
    return jobs[:count]
