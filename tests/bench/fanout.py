"""How long one change takes to everybody who may see it, beside a bare emit of the same bytes."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpdesk.core.journal import journal
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.testing.processes import ROOT, Served, free_port

from . import loader, measure
from .crowd import CHANGED, Crowd
from .visitor import Visitor, cookie, program

WAIT = 20.0  # seconds for one change to reach everybody
QUIET = 0.3  # seconds in which somebody without rights might still be told


@dataclass
class Floor:
    """A desk with two queues that ``people`` work on, and ``outside`` others on a third."""

    folder: Path
    secret: str
    members: list[int]
    others: list[int]
    token: str
    tickets: list[int]
    seq: int


def run(size) -> dict:
    """Seconds until 99 of 100 were told, for the desk and for the bare server, one after the other again and again."""
    allow(2 * (size.people + size.outside) + 200)
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        return _measure(floor(Path(folder) / "desk", size), size)


def allow(files: int) -> None:
    """Let this process open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(files, hard)), hard))


def floor(folder: Path, size) -> Floor:
    """A desk with its people and tickets."""
    loaded = loader.load(folder, size.floor)
    runtime = loader.runtime_of(folder)
    with runtime.uow() as uow:
        ids = [
            users.add(uow, f"p{n}@desk.example", f"Person {n}", "agent", language="fa" if n % 2 else "en").id
            for n in range(size.people + size.outside)
        ]
        members, others = ids[: size.people], ids[size.people :]
        team, aside = teams.add_team(uow, "Floor", members), teams.add_team(uow, "Aside", others)
        for queue in (1, 2):
            teams.change_queue(uow, queue, team_ids=[team.id])
        teams.change_queue(uow, 3, team_ids=[aside.id])
        token = api_tokens.add_token(uow, members[0])
        seq = journal.last(uow)
    runtime.engine.dispose()
    return Floor(folder, loaded.secret, members, others, token, loaded.long[:2], seq)


def _measure(floor: Floor, size) -> dict:
    cookies = [cookie(floor.secret, user) for user in (*floor.members, *floor.others)]
    served = Served(floor.folder, "run", HELPDESK_SECRET_KEY=floor.secret, HELPDESK_PLUGINS="email")
    try:
        with _bare(len(floor.members)) as port:
            rest = measure.memory(served.process.pid)
            began = time.monotonic()
            consoles = Crowd(served.port, cookies, json.dumps(["subscribe", {"since": floor.seq}]))
            joined = time.monotonic() - began
            bare = Crowd(port, cookies, None, consoles)
            figures = _rounds(floor, size, consoles, bare, program(served.port, floor.token), Visitor(port))
            figures |= {"joined": joined, "rest": rest, "memory": measure.memory(served.process.pid)}
            consoles.close()
            bare.close()
    finally:
        served.stop()
    return {"people": len(floor.members), "outside": len(floor.others), **figures}


@contextmanager
def _bare(members: int):
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(port), str(members)], cwd=ROOT)
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                Visitor(port).send("POST", "/", ready=True)
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _rounds(floor: Floor, size, consoles: Crowd, bare: Crowd, api: Visitor, plain: Visitor) -> dict:
    """Desk and bare server in turns; each p99 is of one change, the figure the median of them."""
    ours, theirs, reported, outside = [], [], [], 0
    for number in range(size.changes + 2):
        path = f"/api/v1/tickets/{floor.tickets[number % 2]}"
        body = {"tags": [f"change {number}"]}
        received = consoles.hear(lambda path=path, body=body: post(api, "PATCH", path, body), len(floor.members), WAIT)
        api.connection.getresponse().read()
        late = consoles.hear(lambda: None, len(floor.members) + len(floor.others), QUIET)
        outside += sum(place >= len(floor.members) for place in {**received, **late})
        payload = json.loads(next(iter(received.values()))[1][len(CHANGED) + 1 : -1])
        floor_heard = bare.hear(lambda payload=payload: post(plain, "POST", "/", payload), len(floor.members), WAIT)
        plain.connection.getresponse().read()
        if number > 1:  # the first two are to warm up
            reported.append(len(received))
            ours.append(_p99(received))
            theirs.append(_p99(floor_heard))
    size_of_change = len(next(iter(received.values()))[1].encode())
    return {
        "told": min(reported), "told outside": outside, "bytes": size_of_change, "p99": statistics.median(ours), "bare p99": statistics.median(theirs),
        "ratio": statistics.median(ours) / statistics.median(theirs), "worst ratio": max(a / b for a, b in zip(ours, theirs, strict=True)),
    }  # fmt: skip


def post(visitor: Visitor, method: str, path: str, data: dict) -> None:
    """Send without waiting for the answer."""
    visitor.connection.request(method, path, json.dumps(data), {**visitor.headers, "Content-Type": "application/json"})


def _p99(received: dict[int, tuple[float, str]]) -> float:
    return measure.percentile([at for at, _text in received.values()], 0.99)
