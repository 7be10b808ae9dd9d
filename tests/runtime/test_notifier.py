"""Notifiers: waiting threads wake at once, in this process and in others, through Redis or the data folder; a Redis that
is away costs nobody anything (TRUST D07).
"""

import socket
import threading
import time

import pytest

from helpdesk.runtime.local_notifier import LARGEST, LocalNotifier
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


@pytest.fixture
def pair(tmp_path):
    """What two processes on one data folder have; the second notes what it is told."""
    here, there, told = LocalNotifier(tmp_path), LocalNotifier(tmp_path), []
    there.receive = told.append
    here.listen()
    there.listen()
    return here, there, told


def came(told, many: int) -> list:
    end = time.monotonic() + 5
    while len(told) < many and time.monotonic() < end:
        time.sleep(0.01)
    return told


def test_a_bell_is_heard_in_another_process_on_the_same_folder(pair):
    here, there, _told = pair
    received = there.wait("journal", 0, 0)
    here.notify("journal")
    assert there.wait("journal", received, 5.0) == here.wait("journal", 0, 0) == 1


def test_what_one_process_says_the_others_hear_once_and_itself_not(pair):
    here, there, told = pair
    here.receive = lambda said: pytest.fail("its own words")
    here.publish({"n": 1})
    here.publish({"n": "x" * LARGEST})
    here.publish({"n": "سه"})
    assert came(told, 2) == [{"n": 1}, {"n": "سه"}], "in order, and nothing that is too large"


def test_what_one_process_cannot_understand_does_not_end_its_listening(pair):
    here, there, told = pair
    there.receive = lambda said: told.append(1 / said["n"])
    here.publish({"n": 0})
    here.publish({"n": 1})
    assert came(told, 1) == [1]


def test_a_process_that_is_gone_leaves_no_place_behind(pair, tmp_path):
    here, _there, told = pair
    gone = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    gone.bind(str(tmp_path / "processes" / "gone.sock"))
    gone.close()
    here.publish({"n": 1})
    assert came(told, 1) == [{"n": 1}]
    assert len(list((tmp_path / "processes").iterdir())) == 2


def test_whoever_only_says_something_makes_no_place(tmp_path):
    LocalNotifier(tmp_path).notify("journal")
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_is_heard_through_redis_too(redis_url):
    here, there, told = RedisNotifier(redis_url), RedisNotifier(redis_url), []
    here.receive = lambda said: pytest.fail("its own words")
    there.receive = told.append
    time.sleep(0.3)  # both are listening
    here.publish({"n": 1})
    assert came(told, 1) == [{"n": 1}]
