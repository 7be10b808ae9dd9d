"""Processes are killed at every named step and at random; what was acknowledged is there once, and what was said is heard (check D03 to D05)."""

import collections
import random
import time

import pytest

from helpdesk.core import failpoints

INTAKE = [s for s in failpoints.STEPS if s.startswith(("intake.", "ingest."))]
OUTBOX = [s for s in failpoints.STEPS if s.startswith("outbox.")]


def ledger(desk, acknowledged: set[str], sent: set[str]) -> dict:
    """What was lost, doubled or came from nowhere."""
    counted = collections.Counter(desk.tokens())
    return {
        "lost": sorted(acknowledged - counted.keys()),
        "doubled": sorted(t for t, n in counted.items() if n > 1),
        "unexpected": sorted(counted.keys() - sent),
    }


CLEAN = {"lost": [], "doubled": [], "unexpected": []}


@pytest.mark.parametrize("step", INTAKE)
def test_killed_at_a_step_of_intake(desk, step):
    """A mail server tries again what was not acknowledged, as any mail server does."""
    tokens = [f"ledger-{n}" for n in range(4)]
    desk.start(fail_point=f"{step}:2")
    acknowledged = {token for token in tokens if desk.send(token)}
    desk.until(lambda: desk.process.poll() is not None)
    desk.start()
    acknowledged |= {token for token in tokens if token not in acknowledged and desk.send(token)}
    assert acknowledged == set(tokens)
    desk.until(desk.drained)
    assert ledger(desk, acknowledged, set(tokens)) == CLEAN


@pytest.mark.parametrize("step", OUTBOX)
def test_killed_at_a_step_of_delivery(desk, world, step):
    """The acknowledgement leaves after the restart: at least once, at most one repeat, always with the same id."""
    desk.start(fail_point=step)
    assert desk.send("ledger-1")
    desk.until(lambda: desk.process.poll() is not None)
    desk.start()
    desk.until(lambda: desk.rows("SELECT count(*) FROM delivery WHERE state = 'sent'")[0][0] == 1)
    ids = [message_id for message_id, _ in world.received]
    assert 1 <= len(ids) <= 2
    assert len(set(ids)) == 1
    assert ids[0] == desk.rows("SELECT external_id FROM delivery")[0][0]


def random_kills(desk, kills: int, pause: float) -> tuple[set[str], set[str]]:
    chance, number = random.Random(7), 0
    acknowledged: set[str] = set()
    waiting: list[str] = []
    for _kill in range(kills):
        desk.start()
        end = time.monotonic() + chance.uniform(0.1, pause)
        while time.monotonic() < end:
            number += 1
            waiting.append(f"ledger-{number}")
            for token in list(waiting):
                if not desk.send(token):
                    break
                acknowledged.add(token)
                waiting.remove(token)
        desk.kill()
    desk.start()
    acknowledged |= {token for token in waiting if desk.send(token)}
    desk.until(desk.drained, 60)
    return acknowledged, {f"ledger-{n}" for n in range(1, number + 1)}


def test_killed_at_random_under_load(either):
    acknowledged, sent = random_kills(either, kills=4, pause=0.6)
    assert acknowledged == sent
    assert ledger(either, acknowledged, sent) == CLEAN


@pytest.mark.soak
def test_killed_fifty_times_at_random_under_load(either):
    acknowledged, sent = random_kills(either, kills=50, pause=1.5)
    assert ledger(either, acknowledged, sent) == CLEAN
