"""Processes are killed at every named step; what was acknowledged is there once, and what was said is heard (check
D03 to D05).
"""

import collections
import time

import pytest

from helpdesk.core import failpoints
from helpdesk.testing.sizes import SOAK

INTAKE = [s for s in failpoints.FAILPOINTS if s.startswith(("intake.", "ingest."))]
OUTBOX = [s for s in failpoints.FAILPOINTS if s.startswith("outbox.")]
OUTBOX.remove("outbox.begun")  # mail has repeat ids and never passes it; test_channel_kills and the contract kill there
JOBS = [s for s in failpoints.FAILPOINTS if s.startswith("jobs.")]
databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if SOAK else ["sqlite"], indirect=True)


JOB = (
    "INSERT INTO job (kind, lane, args, state, due_at, tries, done, total, cancel_asked, reason, created_at, worker)"
    " VALUES ('core.forget_jobs', '', '{}', 'queued', '2001-01-01 00:00:00', 0, 0, 0, FALSE, '', '2001-01-01 "
    "00:00:00', '')"
)


def ledger(desk, acknowledged: set[str], sent: set[str]) -> dict:
    """What was lost, doubled or came from nowhere."""
    counted = collections.Counter(desk.tokens())
    return {
        "lost": sorted(acknowledged - counted.keys()),
        "doubled": sorted(t for t, n in counted.items() if n > 1),
        "unexpected": sorted(counted.keys() - sent),
    }


CLEAN = {"lost": [], "doubled": [], "unexpected": []}


@databases
@pytest.mark.parametrize("step", INTAKE)
def test_killed_at_a_step_of_intake(either, step):
    """A mail server tries again what was not acknowledged, as any mail server does."""
    desk = either
    tried, acknowledged = set(), set()
    desk.start(fail_point=f"{step}:2")
    while desk.process.poll() is None:
        token = f"ledger-{len(tried)}"
        tried.add(token)
        acknowledged |= {token} if desk.send(token) else set()
        time.sleep(0.1)
        assert len(tried) < 100, "it never came to this step"
    desk.start()
    acknowledged |= {token for token in tried - acknowledged if desk.send(token)}
    assert acknowledged == tried
    desk.until(desk.drained)
    assert ledger(desk, acknowledged, tried) == CLEAN


@databases
@pytest.mark.parametrize("step", OUTBOX)
def test_killed_at_a_step_of_delivery(either, world, step):
    """The acknowledgement leaves after the restart: at least once, at most one repeat, always with the same id."""
    desk = either
    desk.start(fail_point=step)
    assert desk.send("ledger-1")
    desk.until(lambda: desk.process.poll() is not None)
    desk.start()
    desk.until(lambda: desk.rows("SELECT count(*) FROM delivery WHERE state = 'sent'")[0][0] == 1)
    ids = [message_id for message_id, _ in world.received]
    assert 1 <= len(ids) <= 2
    assert len(set(ids)) == 1
    assert ids[0] == desk.rows("SELECT external_id FROM delivery")[0][0]


@databases
@pytest.mark.parametrize("step", JOBS)
def test_killed_at_a_step_of_a_job(either, step):
    """A job whose process died is run again: at least once."""
    desk = either
    desk.change(JOB)
    desk.start(fail_point=step)
    desk.until(lambda: desk.process.poll() is not None)
    desk.start()
    desk.until(lambda: desk.rows("SELECT count(*) FROM job WHERE state = 'done'")[0][0] == 1)
    assert desk.rows("SELECT tries FROM job WHERE state = 'done'")[0][0] == (1 if step == "jobs.committed" else 2)
