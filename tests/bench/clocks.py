"""A policy changes at a desk with many clocks: how long until all have their new targets, and what the queue costs
whoever works meanwhile.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select, update

from helpdesk.core.jobs import queue as jobs
from helpdesk.core.jobs.models import Job
from helpdesk.core.sla.models import Clock
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing.processes import Served
from plugins.sla import store
from plugins.sla.recompute import RECOMPUTE

from . import loader, measure
from .visitor import browser

PLUGINS = "email,sla"
PORTION = 5_000  # rows written at once
PAUSE = 0.1  # seconds between two looks at the queue
LONGEST = 1800  # seconds until it is given up
OFFICE = {
    "id": 1,
    "name": "Office",
    "zone": "Asia/Tehran",
    "week": [[[540, 780], [840, 1020]]] * 3 + [[[540, 780]], [], [[540, 780], [840, 1020]], [[540, 780], [840, 1020]]],
    "countries": ["IR"],
    "days": [],
    "files": [],
}


def run(size) -> dict:
    """``{clocks, quiet: [ms], meanwhile: [ms], seconds, steps, cpu}``: the queue page's times as its reader sees them."""
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        desk = loader.load(Path(folder) / "desk", size.tickets[0])
        runtime = loader.runtime_of(desk.folder, HELPDESK_SECRET_KEY=desk.secret, HELPDESK_PLUGINS=PLUGINS)
        clocks = _start_clocks(runtime)
        served = Served(desk.folder, "run", HELPDESK_SECRET_KEY=desk.secret, HELPDESK_PLUGINS=PLUGINS)
        try:
            agent = browser(served.port, desk.secret, desk.agent)
            quiet = [_look(agent) for _turn in range(max(20, size.requests * 5))]
            return {"clocks": clocks, "quiet": quiet, **_change(runtime, agent, served.process.pid)}
        finally:
            served.stop()
            runtime.parser.close()
            runtime.engine.dispose()


def _start_clocks(runtime) -> int:
    """A running clock on each ticket, all of which are open now."""
    with runtime.uow() as uow, uow.writing() as session:
        session.execute(update(Ticket).values(status="open", active=True))
        of_each = select(Ticket.id, Ticket.created_at)
        for tickets in session.execute(of_each).partitions(PORTION):
            rows = [
                {"ticket_id": ticket, "name": "solution", "state": "running", "started_at": at, "running_since": at}
                | {"used": 0, "spans": [], "reasons": {}, "revision": 0}
                for ticket, at in tickets
            ]
            session.execute(insert(Clock), rows)
        return session.query(Clock).count()


def _change(runtime, agent, pid: int) -> dict:
    began, looks, steps, before = time.monotonic(), [], [], measure.cpu_of_all(pid)
    with runtime.uow() as uow:
        policy = {"id": 1, "name": "All", "calendar": 1, "goals": {"solution": 960}, "warn": 60}
        store.save(uow, 0, [OFFICE], [policy])
        jobs.add(uow, RECOMPUTE, key="bench")
    while time.monotonic() - began < LONGEST:
        looks.append(_look(agent))
        time.sleep(PAUSE)
        with runtime.uow() as uow:
            state, done = uow.session.execute(select(Job.state, Job.done).where(Job.kind == RECOMPUTE.name)).one()
        steps += [done] if done not in steps else []
        if state not in ("queued", "running"):
            assert state == "done", state
            used = measure.cpu_of_all(pid) - before
            return {"meanwhile": looks, "seconds": time.monotonic() - began, "steps": len(steps), "cpu": used}
    raise TimeoutError(f"not done after {LONGEST} seconds")


def _look(agent) -> float:
    began = time.perf_counter()
    agent.get("/queues/1")
    return (time.perf_counter() - began) * 1000
