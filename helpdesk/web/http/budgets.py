"""How much one address may ask for before anybody knows who asks, and how many sockets may be open at once.

Whoever is signed in, brings a valid token, or is a provider whose signature was right costs their address nothing, so
that an office behind one address is served however many people sit there.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import TooManyRequests

from helpdesk.core.network import place
from helpdesk.web import current_user, runtime
from helpdesk.web.session import is_public

AT_ONCE, WITHIN = 1_000, 50.0  # requests of strangers at one address, and the seconds in which as many come back
REMEMBERED = 10_000  # addresses, those asked from last
FREE = ("assets.", "health.")  # what costs next to nothing, and what watches the desk

log = logging.getLogger("hamdel.web")


class Budget:
    """``most`` at once, filled up again evenly within so many seconds."""

    def __init__(self, most: float, within: float, clock: Callable[[], float] = time.monotonic):
        self.most, self.rate, self.clock = most, most / within, clock
        self.left, self.at = most, clock()

    def take(self, number: float) -> bool:
        """True while there is enough left."""
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.at) * self.rate) - number
        self.at = now
        return self.left >= 0


class Budgets:
    """The budgets of many by name, of those who used theirs last: each ``most`` at once, and as many again within so
    many seconds.
    """

    def __init__(
        self, most: float, within: float, remembered: int = REMEMBERED, clock: Callable[[], float] = time.monotonic
    ):
        self.budgets: OrderedDict[str, Budget] = OrderedDict()
        self.most, self.within, self.remembered, self.clock = most, within, remembered, clock

    def take(self, name: str, number: int = 1) -> int:
        """Count one, or with -1 take it back; the seconds to wait for the next, 0 while there is enough."""
        budget = self.budgets.pop(name, None) or Budget(self.most, self.within, self.clock)
        self.budgets[name] = budget
        if len(self.budgets) > self.remembered:
            self.budgets.popitem(last=False)
        if budget.take(number):
            return 0
        budget.left = max(budget.left, -1.0)  # what was refused makes nobody wait longer
        return math.ceil(-budget.left / budget.rate) + 1


class Strangers(Budgets):
    """The budget of each address lately asked from."""

    def __init__(self, remembered: int = REMEMBERED, clock: Callable[[], float] = time.monotonic):
        super().__init__(AT_ONCE, WITHIN, remembered, clock)


class Seats:
    """How many of something each of several holds now."""

    def __init__(self):
        self.held: Counter[str] = Counter()

    @contextmanager
    def taken(self, most: Mapping[str, int]) -> Iterator[bool]:
        """Hold one of each of these names; False, and nothing held, where one of them has its ``most`` already."""
        free = all(self.held[name] < number for name, number in most.items())
        if free:
            self.held.update(most.keys())
        try:
            yield free
        finally:
            for name in most if free else ():
                self.held[name] -= 1
                if not self.held[name]:
                    del self.held[name]


def take_from_stranger() -> None:
    """Count a request of somebody nobody knows; TooManyRequests when their address has used up its budget."""
    wait = current_app.extensions["strangers"].take(place(request.remote_addr))
    if wait:
        raise TooManyRequests(retry_after=wait)


def _ask() -> None:
    """Count who is not signed in. The API counts those whose token is not valid, the public pages of plugins say
    themselves how much one address may ask.
    """
    if (request.endpoint or "").startswith(FREE) or request.path.startswith("/api/") or is_public(request.path):
        return
    if current_user():
        return
    _notice_proxy()
    take_from_stranger()


def _give_back(response: Response) -> Response:
    """What a provider brings with the right signature counts for nothing."""
    if request.endpoint == "webhooks.receive" and response.status_code < 400:
        current_app.extensions["strangers"].take(place(request.remote_addr), -1)
    return response


def _notice_proxy() -> None:
    """All visitors of a desk that does not know of its proxy would share one budget."""
    if runtime().config.proxies or "X-Forwarded-For" not in request.headers or current_app.extensions.get("proxy seen"):
        return
    current_app.extensions["proxy seen"] = True
    log.warning(
        "requests name another address in X-Forwarded-For, which is not believed: "
        "if a reverse proxy of yours stands before the desk, set HELPDESK_PROXIES to how many there are"
    )


def register(app: Flask) -> None:
    """Count for this application."""
    app.extensions["strangers"] = Strangers()
    app.before_request(_ask)
    app.after_request(_give_back)
