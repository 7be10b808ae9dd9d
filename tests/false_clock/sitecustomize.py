"""Lets ``time.sleep`` work under libfaketime with a real monotonic clock; on PYTHONPATH of runs with a false clock.

Python sleeps until an absolute monotonic time, and libfaketime 0.9.10 moves that time by the offset of the wall clock
even with FAKETIME_DONT_FAKE_MONOTONIC, so that every sleep fails with EINVAL. A select without files waits relatively.
"""

import select
import time


def sleep(seconds):
    """As ``time.sleep``."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
