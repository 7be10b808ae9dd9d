"""Notifiers: waiting threads wake at once, in this process and through Redis; a Redis that is away costs nobody anything
(TRUST D07).
"""

import threading
import time

from helpdesk.runtime.notifier import Notifier, RedisNotifier
from helpdesk.testing.processes import free_port


def woken(notifier, what="journal", patience=5.0):
    """Wait for a notification in a thread; returns a function that gives the seconds it took."""
    took, began = [], time.monotonic()
    received = notifier.wait(what, -1, 0)
    waiter = threading.Thread(
        target=lambda: (notifier.wait(what, received, patience), took.append(time.monotonic() - began))
    )
    waiter.start()
    return lambda: (waiter.join(), took[0])[1]


def test_a_bell_wakes_who_waits_for_it():
    notifier = Notifier()
    seconds = woken(notifier)
    notifier.notify("raw_messages")
    notifier.notify("journal")
    assert seconds() < 1.0


def test_a_bell_that_rang_before_is_not_slept_over():
    notifier = Notifier()
    received = notifier.wait("journal", 0, 0)
    notifier.notify("journal")
    began = time.monotonic()
    assert notifier.wait("journal", received, 5.0) == received + 1
    assert time.monotonic() - began < 1.0


def test_without_a_ring_the_sleep_ends_by_itself():
    assert woken(Notifier(), patience=0.2)() >= 0.2


def test_a_bell_is_heard_in_another_process_through_redis(redis_url):
    here, there = RedisNotifier(redis_url), RedisNotifier(redis_url)
    time.sleep(0.3)  # both are listening
    seconds = woken(there)
    here.notify("journal")
    assert seconds() < 2.0


def test_a_redis_that_is_away_costs_nothing():
    notifier = RedisNotifier(f"redis://127.0.0.1:{free_port()}/0")
    seconds = woken(notifier)
    began = time.monotonic()
    for _ in range(100):
        notifier.notify("journal")
    assert time.monotonic() - began < 3.0
    assert seconds() < 3.0
