"""Waking sleepers early, and telling other processes what is never stored. A notification only shortens a sleep:
whoever misses it finds the rows a moment later (law 2).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

log = logging.getLogger("hamdel.notifier")
CHANNEL, MESSAGES = "hamdel:wake", "hamdel:message"
SILENCE = 5.0  # seconds


class Notifier:
    """Notifies threads of one process. Each waiter remembers the count of notifications it has seen. ``receive``
    is called with what other processes publish.
    """

    def __init__(self):
        self.receive: Callable[[dict[str, Any]], None] = lambda message: None
        self._condition = threading.Condition()
        self._rung: dict[str, int] = defaultdict(int)

    def notify(self, what: str) -> None:
        """Wake everybody who waits for this."""
        with self._condition:
            self._rung[what] += 1
            self._condition.notify_all()

    def listen(self) -> None:
        """Receive from other processes from now on."""

    def publish(self, message: dict[str, Any]) -> None:
        """Send a small message of plain JSON to the other processes, if they can be reached. It may be lost."""

    def wait(self, what: str, received: int, timeout: float) -> int:
        """Sleep until it rang more often than ``received``, at most ``timeout`` seconds; returns how often it rang by
        now.
        """
        until = time.monotonic() + timeout
        with self._condition:
            while self._rung[what] == received:
                left = until - time.monotonic()
                if left <= 0 or not self._condition.wait(left):
                    break
            return self._rung[what]


class RedisNotifier(Notifier):
    """Rings in every process that shares a Redis; without Redis everything still works, a little later."""

    def __init__(self, url: str):
        import redis

        super().__init__()
        self._process = uuid4().hex
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1)
        self._stopped = False
        self._silent_until = 0.0
        threading.Thread(target=self._listen, daemon=True, name="notifier").start()

    def notify(self, what: str) -> None:
        """Wake sleepers here at once, and elsewhere through Redis if it answers; after a silence it is left alone
        for a while.
        """
        super().notify(what)
        self._publish(CHANNEL, what)

    def publish(self, message: dict[str, Any]) -> None:
        """Send a small message to the other processes, if Redis answers."""
        self._publish(MESSAGES, json.dumps({"process": self._process, "message": message}))

    def _publish(self, channel: str, data: str) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(channel, data)
        except Exception as error:
            self._silent_until = time.monotonic() + SILENCE
            log.info("redis does not answer: %s", type(error).__name__)

    def _listen(self) -> None:
        while not self._stopped:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as listener:
                    listener.subscribe(CHANNEL, MESSAGES)
                    while not self._stopped:
                        message = listener.get_message(timeout=1.0)
                        if message:
                            self._received(message["channel"].decode(), message["data"].decode())
            except Exception:
                time.sleep(1)

    def _received(self, channel: str, data: str) -> None:
        if channel == CHANNEL:
            return super().notify(data)
        news = json.loads(data)
        if news["process"] != self._process:
            self.receive(news["message"])
