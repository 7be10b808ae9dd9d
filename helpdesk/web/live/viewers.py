"""Who looks at which ticket and who writes there. Remembered in memory; through Redis, where there is one, in every
process.

Without Redis each web process knows its own consoles only: with several processes a colleague on another one is not
shown.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import uuid4

CHANNEL = "hamdel:looking"
AGAIN = 20.0  # seconds after which each process says anew what it knows
FORGOTTEN = 60.0  # seconds after which a silent process counts as gone

log = logging.getLogger("hamdel.live")


@dataclass
class Look:
    """One console's look at a ticket."""

    ticket: int
    user_id: int
    name: str
    writing: bool


@dataclass
class Elsewhere:
    """What another process published about a ticket, and until when that holds."""

    users: list[dict]
    until: float


class Viewers:
    """Emits ``looking {ticket, users: [{id, name, writing}]}`` to those who may see the ticket."""

    def __init__(self, redis_url: str, emit: Callable[[str, dict, Iterable[str]], None]):
        self.emit = emit
        self.looks: dict[str, Look] = {}
        self.places: dict[int, set[str]] = {}
        self.elsewhere: dict[tuple[str, int], Elsewhere] = {}
        self._lock = threading.RLock()
        self._exchange = Exchange(redis_url, self) if redis_url else None

    def start(self) -> None:
        """Begin to listen to the other processes."""
        if self._exchange:
            self._exchange.start()

    def close(self) -> None:
        """Stop listening."""
        if self._exchange:
            self._exchange.closing = True

    def watch_ticket(self, sid: str, user_id: int, name: str, ticket: int, place: set[str], writing: bool) -> None:
        """A console looks at this ticket now, and at no other."""
        with self._lock:
            before = self.looks.get(sid)
            self.looks[sid] = Look(ticket, user_id, name, writing)
            self.places[ticket] = place
        if before and before.ticket != ticket:
            self._notify_watchers(before.ticket)
        self._notify_watchers(ticket)

    def write(self, sid: str, ticket, writing: bool) -> bool:
        """A console begins or ends writing on the ticket it looks at; True when it looks there and writes."""
        look = self.looks.get(sid)
        if not look or look.ticket != ticket:
            return False
        if look.writing != writing:
            look.writing = writing
            self._notify_watchers(ticket)
        return writing

    def leave(self, sid: str) -> None:
        """A console looks at nothing any more."""
        look = self.looks.pop(sid, None)
        if look:
            self._notify_watchers(look.ticket)

    def places_of(self, tickets: Collection[int]) -> list[tuple[str, int]]:
        """(console, ticket) of those that look at one of these tickets through this process."""
        return [(sid, look.ticket) for sid, look in list(self.looks.items()) if look.ticket in tickets]

    def moved(self, ticket: int, place: set[str]) -> None:
        """A ticket moved: from now on the people of its new rooms are shown who looks at it."""
        if ticket in self.places:
            self.places[ticket] = place

    def tell(self, sid: str, rooms: Iterable[str]) -> None:
        """Tell a console that has just come who looks at what it may see."""
        rooms = set(rooms)
        for ticket, place in list(self.places.items()):
            if place & rooms:
                self.emit("looking", {"ticket": ticket, "users": self.users(ticket)}, [sid])

    def users(self, ticket: int) -> list[dict]:
        """Who looks at a ticket, each once, writing when any of their pages is."""
        found: dict[int, dict] = {}
        now = time.monotonic()
        others = [
            user
            for (_, other), news in list(self.elsewhere.items())
            if other == ticket and news.until > now
            for user in news.users
        ]
        for user in self.here(ticket) + others:
            known = found.setdefault(user["id"], dict(user))
            known["writing"] |= user["writing"]
        return list(found.values())

    def here(self, ticket: int) -> list[dict]:
        """Who looks at a ticket through this process."""
        return [
            {"id": x.user_id, "name": x.name, "writing": x.writing}
            for x in list(self.looks.values())
            if x.ticket == ticket
        ]

    def update_elsewhere(self, process: str, ticket: int, place: set[str], users: list[dict]) -> None:
        """Another process says who looks there."""
        known = self.elsewhere.get((process, ticket))
        self.elsewhere[process, ticket] = Elsewhere(users, time.monotonic() + FORGOTTEN)
        self.places.setdefault(ticket, place)
        if known is None or known.users != users:
            self._show(ticket)

    def forget(self) -> None:
        """Drop what processes published that are silent now."""
        now = time.monotonic()
        for process, ticket in [key for key, news in list(self.elsewhere.items()) if news.until < now]:
            del self.elsewhere[process, ticket]
            self._show(ticket)

    def _notify_watchers(self, ticket: int) -> None:
        if self._exchange:
            self._exchange.say(ticket)
        self._show(ticket)

    def _show(self, ticket: int) -> None:
        users = self.users(ticket)
        self.emit("looking", {"ticket": ticket, "users": users}, self.places.get(ticket, set()))
        if not users:
            self.places.pop(ticket, None)


class Exchange:
    """Publishes what this process knows through Redis and reads the others'. Without Redis each knows its own."""

    def __init__(self, url: str, viewers: Viewers):
        import redis

        self.redis = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self.viewers, self.process = viewers, uuid4().hex
        self.closing = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to listen, once."""
        if not self._threads:
            self._threads = [
                threading.Thread(target=loop, daemon=True, name="looking") for loop in (self._listen, self._repeat)
            ]
            for thread in self._threads:
                thread.start()

    def say(self, ticket: int) -> None:
        """Who looks at a ticket through this process, nobody included."""
        place = sorted(self.viewers.places.get(ticket, ()))
        news = {"process": self.process, "ticket": ticket, "place": place, "users": self.viewers.here(ticket)}
        try:
            self.redis.publish(CHANNEL, json.dumps(news))
        except Exception as error:
            log.info("redis does not answer: %s", type(error).__name__)

    def _listen(self) -> None:
        while not self.closing:
            try:
                with self.redis.pubsub(ignore_subscribe_messages=True) as listener:
                    listener.subscribe(CHANNEL)
                    while not self.closing:
                        message = listener.get_message(timeout=1.0)
                        if message:
                            self._hear(json.loads(message["data"]))
            except Exception:
                time.sleep(1.0)

    def _hear(self, news: dict) -> None:
        if news["process"] != self.process:
            self.viewers.update_elsewhere(news["process"], news["ticket"], set(news["place"]), news["users"])

    def _repeat(self) -> None:
        while not self.closing:
            time.sleep(AGAIN)
            for ticket in {look.ticket for look in list(self.viewers.looks.values())}:
                self.say(ticket)
            self.viewers.forget()
