"""What the desk weighs: its start, its memory at rest and at work, and what a browser fetches for the first page."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from helpdesk.testing.processes import ROOT, Served

from . import loader, mails, measure
from .scale import CLIENTS
from .visitor import Visitor, browser

ENCODINGS = {"": "gzip, deflate, br, zstd", ", without TLS": "gzip"}  # what browsers take, and from plain HTTP
LINKS = re.compile(rb'(?:href|src)="(/assets/[^"#]+)')
NAMED = re.compile(rb"""(?:from|import)\s*["'](\.[^"']+)["']|url\(["']?([^"')]+)""")
SAMPLE = 0.1  # seconds


def run(size) -> dict:
    """Seconds until ready, megabytes, and bytes over the wire of a first page in each language."""
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as name:
        folder = Path(name)
        new = _ready(folder / "new")
        loaded = loader.load(folder / "desk", size.floor)
        again = [_ready(loaded.folder) for _start in range(size.rounds)]
        mails.write(folder / "letters", size.mails)
        served = Served(loaded.folder, "run", HELPDESK_SECRET_KEY=loaded.secret, HELPDESK_PLUGINS="email")
        try:
            served.until(lambda: served.get("/readyz")[0] == 200)
            time.sleep(size.seconds)
            rest = measure.memory(served.process.pid)
            pages = {
                language + where: _first_page(served.port, loaded.secret, user, encodings)
                for where, encodings in ENCODINGS.items()
                for language, user in (("en", loaded.agent), ("fa", loaded.persian))
            }
            work = _at_work(served, loaded, folder / "letters")
        finally:
            served.stop()
    return {"ready new": new, "ready": statistics.median(again), "rest": rest, "work": work, "pages": pages}


def _ready(folder: Path) -> float:
    """Seconds from the command to the first ``/readyz`` that says yes; the first time with the database to make."""
    folder.mkdir(exist_ok=True)
    began = time.monotonic()
    served = Served(folder, "run", wait=False, HELPDESK_PLUGINS="email")
    try:
        while served.get("/readyz")[0] != 200:
            assert time.monotonic() - began < 60, served.log
            time.sleep(0.01)
        return time.monotonic() - began
    finally:
        served.stop()


def _first_page(port: int, secret: str, user: int, encodings: str) -> dict:
    """{bytes, files}: the page of a queue and everything it names, and everything that names, each once, as they are
    sent.
    """
    visitor = browser(port, secret, user)
    visitor.headers["Accept-Encoding"] = encodings
    page = visitor.get("/queues/1", **{"Accept-Encoding": "identity"})
    visitor.get("/queues/1")
    total, wanted, seen = visitor.size, [link.decode() for link in LINKS.findall(page)], set()
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        visitor.get(path)
        total += visitor.size
        if path.endswith((".js", ".css")):
            wanted += _named_by(path, visitor.get(path, **{"Accept-Encoding": "identity"}))
    return {"bytes": total, "files": 1 + len(seen)}


def _named_by(path: str, text: bytes) -> list[str]:
    names = [(script or style).decode() for script, style in NAMED.findall(text)]
    return [urljoin(path, name) for name in names if not name.startswith(("data:", "#"))]


def _at_work(served: Served, loaded: loader.Loaded, letters: Path) -> float:
    """The most megabytes while mail comes in and eight agents turn pages."""
    command = [sys.executable, "-m", "helpdesk", "email", "import", str(letters), "--account", "support"]
    environment = {**os.environ, "HELPDESK_DATA_DIR": str(loaded.folder), "HELPDESK_PLUGINS": "email"}
    with _agents(served.port, loaded):
        importing = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        most = 0.0
        while importing.poll() is None:
            most = max(most, measure.memory(served.process.pid))
            time.sleep(SAMPLE)
    assert importing.returncode == 0
    return most


@contextmanager
def _agents(port: int, loaded: loader.Loaded):
    stop = threading.Event()

    def turn(agent: Visitor) -> None:
        pages = ("/queues/1", f"/tickets/{loaded.long[0]}", f"/search?q={loader.COMMON}")
        while not stop.is_set():
            for page in pages:
                agent.get(page)

    threads = [
        threading.Thread(target=turn, args=(browser(port, loaded.secret, loaded.agent),)) for _agent in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()
