"""How long everybody else waits beside clients that never pause: ``/healthz`` and live updates, quiet and busy in
turns.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from helpdesk.testing.processes import ROOT, Served

from . import fanout, measure
from .crowd import Crowd
from .visitor import Visitor, cookie, program

GREEDY = 8
PAUSE = 0.02  # seconds between two looks at /healthz
SETTLING = 0.5  # seconds before a round is measured


def run(size) -> dict:
    """Milliseconds: ``{healthz, live: {quiet, busy: {p50, p95, p99: [one a round]}, ratio: [one a round, of
    p99]}}``.
    """
    fanout.allow(size.people + size.outside + 200)
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        floor = fanout.floor(Path(folder) / "desk", size)
        served = Served(floor.folder, "run", HELPDESK_SECRET_KEY=floor.secret, HELPDESK_PLUGINS="email")
        try:
            cookies = [cookie(floor.secret, user) for user in floor.members]
            consoles = Crowd(served.port, cookies, json.dumps(["subscribe", {"since": floor.seq}]))
            rounds = [_round(served.port, floor, consoles, size) for _number in range(size.rounds)]
            consoles.close()
        finally:
            served.stop()
    figures = {name: _figures([each[name] for each in rounds]) for name in ("healthz", "live")}
    return {
        "greedy": GREEDY,
        "people": len(floor.members),
        "requests": round(statistics.median(each["requests"] for each in rounds)),
        **figures,
    }


def _round(port: int, floor, consoles: Crowd, size) -> dict:
    quiet = _measured(port, floor, consoles, size)
    with _greedy(port, floor.token) as requests:
        busy = _measured(port, floor, consoles, size)
        number = requests()
    return {"requests": number} | {name: {"quiet": quiet[name], "busy": busy[name]} for name in quiet}


@contextmanager
def _greedy(port: int, token: str):
    """Greedy clients in a process of their own; gives a function that says how many requests a second they have had."""
    probe, began = Visitor(port), time.monotonic()
    before = _answered(probe)
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.greedy", str(port), token, str(GREEDY)], cwd=ROOT)
    try:
        time.sleep(SETTLING)
        yield lambda: (_answered(probe) - before) / (time.monotonic() - began)
    finally:
        process.kill()
        process.wait()
        time.sleep(SETTLING)


def _answered(probe: Visitor) -> float:
    lines = [
        line
        for line in probe.get("/metrics", **{"Accept-Encoding": "identity"}).decode().splitlines()
        if line.startswith("hamdel_request_seconds_count")
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'feature="rest"' in line)


def _measured(port: int, floor, consoles: Crowd, size) -> dict[str, list[float]]:
    probe, api = Visitor(port), program(port, floor.token)
    healthz, live = [], []
    for number in range(size.changes):
        for _look in range(size.requests):
            began = time.perf_counter()
            probe.get("/healthz")
            healthz.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE)
        path, body = f"/api/v1/tickets/{floor.tickets[number % 2]}", {"tags": [f"change {number} {time.monotonic()}"]}
        received = consoles.hear(
            lambda path=path, body=body: fanout.post(api, "PATCH", path, body), len(floor.members), fanout.WAIT
        )
        api.connection.getresponse().read()
        assert len(received) == len(floor.members), "everybody is told"
        live += [at * 1000 for at, _text in received.values()]
    return {"healthz": healthz, "live": live}


def _figures(rounds: list[dict]) -> dict:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    figures = {
        when: {name: [measure.percentile(each[when], share) for each in rounds] for name, share in shares.items()}
        for when in ("quiet", "busy")
    }
    return figures | {
        "ratio": [busy / quiet for quiet, busy in zip(figures["quiet"]["p99"], figures["busy"]["p99"], strict=True)]
    }
