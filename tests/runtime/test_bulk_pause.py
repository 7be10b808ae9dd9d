"""Bulk work goes on when nothing else is ready, one step of one worker at a time, and beside clients that never pause.

Steps are counted, not seconds. Each test has an event loop of its own, in a thread, as the desk has in its process.
"""

import threading
import time

import gevent

from helpdesk.runtime import bulk_pause
from helpdesk.runtime.bulk_pause import BulkPause

HOPS = 20  # turns of the event loop that one message on its way to a screen takes
WORK = 0.003  # seconds that a step takes, in which nobody else runs


def on_a_loop(act):
    """What ``act()`` returns, run by an event loop of its own."""
    found = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join(30)
    return found[0]


def bulk(pause_bulk, steps, name, times=10):
    for _step in range(times):
        pause_bulk()
        steps.append(name)
        time.sleep(WORK)


def test_whatever_is_ready_goes_before_the_next_step_of_bulk_work(monkeypatch):
    """However many workers there are, and however often the other has to wait for the loop."""
    monkeypatch.setattr(bulk_pause, "PATIENCE", 60.0)

    def run():
        pause_bulk, steps = BulkPause(), []
        for name in "abc":
            gevent.spawn(bulk, pause_bulk, steps, name)
        while not steps:
            gevent.sleep(WORK)
        before = len(steps)
        for _hop in range(4 * HOPS):
            time.sleep(WORK)
            gevent.sleep(0)
        return len(steps) - before

    assert on_a_loop(run) <= 1


def test_what_waits_for_the_outside_meets_one_step_of_bulk_work_at_a_time():
    """Three workers, all of whom the idle loop would let go at once."""

    def run():
        pause_bulk, steps, most = BulkPause(), [], 0
        for name in "abc":
            gevent.spawn(bulk, pause_bulk, steps, name, 100)
        for _wait in range(HOPS):
            before = len(steps)
            gevent.sleep(WORK / 3)
            most = max(most, len(steps) - before)
        return most

    assert on_a_loop(run) <= 1


def test_workers_take_turns():
    def run():
        pause_bulk, steps = BulkPause(), []
        gevent.joinall([gevent.spawn(bulk, pause_bulk, steps, name) for name in "abc"])
        return "".join(steps)

    steps = on_a_loop(run)
    assert all(set(steps[at : at + 5]) == set("abc") for at in range(len(steps) - 5)), steps


def test_bulk_work_goes_on_beside_those_who_never_pause(monkeypatch):
    monkeypatch.setattr(bulk_pause, "PATIENCE", 0.01)

    def run():
        steps, stop = [], []

        def greedy():
            while not stop:
                gevent.sleep(0)

        gevent.spawn(greedy)
        bulk(BulkPause(), steps, "a")
        stop.append(True)
        return len(steps)

    assert on_a_loop(run) == 10
