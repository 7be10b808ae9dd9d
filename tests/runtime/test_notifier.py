"""Bells: who waits is woken at once, in this process and through Redis; a Redis that is away costs nobody anything (TRUST D07)."""

import threading
import time

from helpdesk.testing.processes import free_port
from helpdesk.wake import Bell, RedisBell


def woken(bell, what="journal", patience=5.0):
    """Wait for a bell in a thread; returns a function that gives the seconds it took."""
    took, began = [], time.monotonic()
    heard = bell.wait(what, -1, 0)
    waiter = threading.Thread(target=lambda: (bell.wait(what, heard, patience), took.append(time.monotonic() - began)))
    waiter.start()
    return lambda: (waiter.join(), took[0])[1]


def test_a_bell_wakes_who_waits_for_it():
    bell = Bell()
    seconds = woken(bell)
    bell.ring("parcels")
    bell.ring("journal")
    assert seconds() < 1.0


def test_a_bell_that_rang_before_is_not_slept_over():
    bell = Bell()
    heard = bell.wait("journal", 0, 0)
    bell.ring("journal")
    began = time.monotonic()
    assert bell.wait("journal", heard, 5.0) == heard + 1
    assert time.monotonic() - began < 1.0


def test_without_a_ring_the_sleep_ends_by_itself():
    assert woken(Bell(), patience=0.2)() >= 0.2


def test_a_bell_is_heard_in_another_process_through_redis(redis_url):
    here, there = RedisBell(redis_url), RedisBell(redis_url)
    time.sleep(0.3)  # both are listening
    seconds = woken(there)
    here.ring("journal")
    assert seconds() < 2.0


def test_a_redis_that_is_away_costs_nothing():
    bell = RedisBell(f"redis://127.0.0.1:{free_port()}/0")
    seconds = woken(bell)
    began = time.monotonic()
    for _ in range(100):
        bell.ring("journal")
    assert time.monotonic() - began < 3.0
    assert seconds() < 3.0
