"""How long a chat message takes to an agent's screen while mail comes in: posted, stored, read, filed, told to a console."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams, users
from helpdesk.testing.processes import ROOT, Served

from . import loader, mails, measure
from .crowd import Crowd
from .visitor import Visitor, cookie

QUIET = 50  # messages of a round while nothing else happens
EVERY = 0.1  # seconds between two messages
LATEST = 20.0  # seconds
PEOPLE = 10  # who write, in turns
ENTRY = "[helpdesk.plugins]\nbenchchat = tests.bench.chat_channel\n"
METADATA = "Metadata-Version: 2.1\nName: benchchat\nVersion: 1\n"


def run(size) -> dict:
    """Milliseconds: ``{mails, quiet, busy: {p50, p95, p99, worst: [one a round], messages: […]}, import: [seconds]}``."""
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as name:
        folder = Path(name)
        _install(folder / "packages")
        mails.write(folder / "letters", 2 * size.mails)
        rounds = [_round(folder, folder / f"desk-{number}") for number in range(size.rounds)]
    figures = {when: _figures([each[when] for each in rounds]) for when in ("quiet", "busy")}
    return {"mails": 2 * size.mails, **figures, "import": [each["seconds"] for each in rounds]}


def _install(packages: Path) -> None:
    """Where the desk and its children find the chat."""
    place = packages / "benchchat-1.dist-info"
    place.mkdir(parents=True)
    (place / "entry_points.txt").write_text(ENTRY)
    (place / "METADATA").write_text(METADATA)
    os.environ["PYTHONPATH"] = f"{packages}:{ROOT}"
    sys.path.insert(0, str(packages))


def _round(folder: Path, desk: Path) -> dict:
    secret, agent, key = _desk(desk)
    served = Served(desk, "run", HELPDESK_SECRET_KEY=secret, HELPDESK_PLUGINS="email,benchchat")
    try:
        served.until(lambda: (desk / "intake.sock").exists())
        console = Crowd(served.port, [cookie(secret, agent)], json.dumps(["subscribe", {"since": 0}]))
        visitor = Visitor(served.port)
        quiet = [_said(console, visitor, key, f"quiet{number}") for number in range(QUIET)][QUIET // 5 :]
        began, busy = time.monotonic(), []
        importing = _import(desk, folder / "letters")
        while importing.poll() is None:
            busy.append(_said(console, visitor, key, f"busy{len(busy)}"))
        assert importing.returncode == 0
        console.close()
    finally:
        served.stop()
    return {"quiet": quiet, "busy": busy, "seconds": time.monotonic() - began}


def _desk(folder: Path) -> tuple[str, int, str]:
    """A desk with one agent who sees the mail and the chat: its secret, the agent's id, the chat's public key."""
    runtime = loader.runtime_of(folder, HELPDESK_PLUGINS="email,benchchat")
    with runtime.uow() as uow:
        agent = users.add(uow, "agent@desk.example", "Sara", "agent").id
        queue = teams.add_queue(uow, "Support", [teams.add_team(uow, "Support", [agent]).id]).id
        settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1"}
        accounts.create(uow, "email", "support", settings, queue)
        key = str(accounts.create(uow, "benchchat", "chat", {}, queue).id)
    secret = runtime.config.secret_key
    runtime.engine.dispose()
    return secret, agent, key


def _import(desk: Path, letters: Path) -> subprocess.Popen:
    """The load maker: a process of its own that hands the mails to the running desk and waits until all are filed."""
    command = [sys.executable, "-m", "helpdesk", "email", "import", str(letters), "--account", "support"]
    environment = {**os.environ, "HELPDESK_DATA_DIR": str(desk), "HELPDESK_PLUGINS": "email"}
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)


def _said(console: Crowd, visitor: Visitor, key: str, mark: str) -> float:
    """Milliseconds from the request until the console was told of this message."""
    number = int("".join(filter(str.isdigit, mark)))
    body = json.dumps({"id": mark, "who": f"person{number % PEOPLE}", "text": f"Hello {mark}."})
    (screen,) = console.consoles.values()
    began, told = time.perf_counter(), False
    visitor.connection.request("POST", f"/in/{key}", body, {"Content-Type": "application/json"})
    while not told:
        assert time.perf_counter() - began < LATEST, f"{mark} was not told"
        if console.poll.poll(1.0):
            told = any(f"Hello {mark}." in text for text in screen.take())
    taken = (time.perf_counter() - began) * 1000
    answer = visitor.connection.getresponse()
    answer.read()
    assert answer.status < 300, answer.status
    time.sleep(EVERY)
    return taken


def _figures(rounds: list[list[float]]) -> dict:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "worst": 1.0}
    figures = {name: [measure.percentile(each, share) for each in rounds] for name, share in shares.items()}
    return figures | {"messages": [len(each) for each in rounds]}
