"""How quickly mail comes in, beside what the same machine needs for the least that can be called bringing it in."""

from __future__ import annotations

import email
import email.policy
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpdesk.core.accounts import accounts
from helpdesk.core.database.engine import PRAGMAS
from helpdesk.core.people import teams
from helpdesk.testing.processes import ROOT, Served

from . import loader, mails


def run(size) -> dict:
    """{mails, bytes, rounds: [{floor, alone, beside}], …}: seconds of each round; every round has a floor of its own
    beside it.
    """
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        letters = Path(folder) / "letters"
        total = mails.write(letters, size.mails)
        rounds = [_round(Path(folder) / f"round-{number}", letters, size.mails) for number in range(size.rounds)]
    best = min(rounds, key=lambda each: each["alone"] / each["floor"])
    return {"mails": size.mails, "bytes": total, "rounds": rounds, "best": best}


def _round(folder: Path, letters: Path, count: int) -> dict:
    """Seconds for the floor, for the command line by itself, and for the command line with a desk running beside it."""
    floor = _floor(folder / "floor", letters)
    alone = _bring_in(_uow(folder / "alone"), letters, count)
    running = _uow(folder / "beside")
    served = Served(running, "run", HELPDESK_PLUGINS="email")
    try:
        served.until(lambda: (running / "intake.sock").exists())
        beside = _bring_in(running, letters, count)
    finally:
        served.stop()
    return {"floor": floor, "alone": alone, "beside": beside}


def _floor(folder: Path, letters: Path) -> float:
    """Each mail's subject and body by the standard library, one INSERT and one COMMIT each, on a database as safe as
    the desk's.
    """
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for pragma in PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, subject TEXT, body TEXT)")
    began = time.monotonic()
    for path in sorted(letters.iterdir()):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO mail (subject, body) VALUES (?, ?)", (message["Subject"], body.get_content()))
        database.execute("COMMIT")
    seconds = time.monotonic() - began
    database.close()
    return seconds


def _uow(folder: Path) -> Path:
    runtime = loader.runtime_of(folder)
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Support", [teams.add_team(uow, "Support").id])
        accounts.create(
            uow, "email", "support", {"address": "support@desk.example", "smtp_host": "127.0.0.1"}, queue.id
        )
    runtime.engine.dispose()
    return folder


def _bring_in(folder: Path, letters: Path, count: int) -> float:
    """Seconds by the command's own account, from its first mail to the last one filed."""
    command = [sys.executable, "-m", "helpdesk", "email", "import", str(letters), "--account", "support"]
    environment = {**os.environ, "HELPDESK_DATA_DIR": str(folder), "HELPDESK_PLUGINS": "email"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert reported["received"] == reported["messages"] == count, reported
    return reported["seconds"]
