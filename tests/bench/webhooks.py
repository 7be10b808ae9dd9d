"""How long a pushed message takes until it is stored and acknowledged, at a hundred a second, while another system that is
told of each takes a second for every answer.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams
from helpdesk.testing.processes import Served
from plugins.webhook import endpoints

from . import loader, measure

RATE = 100  # pushes a second
HANDS = 25  # connections they come over
SLOW = 1.0  # seconds of the slow handler
WARM = 1.0  # seconds at the beginning that do not count
SECRET = "of-the-bench-0123456789"


class Slow(BaseHTTPRequestHandler):
    """A system that takes its time for every answer."""

    def do_POST(self) -> None:
        """Wait, then take it."""
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        time.sleep(SLOW)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_given) -> None:
        """Say nothing."""


def run(size) -> dict:
    """Milliseconds from the moment a push was due until its answer: {seconds, rate, p50, p95, p99, worst, other (answers
    that were none), processor (seconds a second)}.
    """
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as name:
        folder, slow = Path(name), ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        threading.Thread(target=slow.serve_forever, daemon=True).start()
        key = _desk(folder, f"http://127.0.0.1:{slow.server_port}/")
        served = Served(folder, "run", HELPDESK_PLUGINS="webhook", HELPDESK_PRIVATE_ADDRESSES="1")
        try:
            _pushed(served.port, key, WARM, 0)
            before = measure.cpu_of_all(served.process.pid)
            waits, other = _pushed(served.port, key, size.pushing, 1_000_000)
            used = measure.cpu_of_all(served.process.pid) - before
        finally:
            served.stop()
            slow.shutdown()
            slow.server_close()
    figures = {f"p{share}": measure.percentile(waits, share / 100) for share in (50, 95, 99)}
    figures |= {"worst": max(waits), "other": other, "processor": used / size.pushing}
    return {"seconds": size.pushing, "rate": RATE, **figures}


def _desk(folder: Path, url: str) -> str:
    """A desk that takes pushes in and tells the slow handler of every ticket; the account's public key."""
    runtime = loader.runtime_of(folder, HELPDESK_PLUGINS="webhook")
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Front", [teams.add_team(uow, "Front").id])
        given = {"secret": SECRET, "header": "X-Key"}
        key = accounts.create(uow, "webhook", "in", given, queue_id=queue.id).public_key
        told = {"name": "Slow", "url": url, "patterns": ["ticket.*"], "words": False, "secret": SECRET}
        endpoints.add(uow, told)
    runtime.parser.close()
    runtime.engine.dispose()
    return key


def _pushed(port: int, key: str, seconds: float, first: int) -> tuple[list[float], int]:
    """Push at the rate for so long, each at its own moment whatever became of those before it; (milliseconds, how many
    were not answered by 200).
    """
    begin, waits, other = time.monotonic() + 0.1, [], []
    total = int(seconds * RATE)

    def push(hand: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for number in range(hand, total, HANDS):
            due = begin + number / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            said = {
                "id": f"p{first + number}",
                "text": "کجاست؟",
                "user": {"email": f"c{number % 500}@customer.example"},
            }
            headers = {"Content-Type": "application/json", "X-Key": SECRET}
            connection.request("POST", f"/in/{key}", json.dumps(said), headers)
            answer = connection.getresponse()
            answer.read()
            waits.append((time.monotonic() - due) * 1000)
            if answer.status != 200:
                other.append(answer.status)

    hands = [threading.Thread(target=push, args=(number,)) for number in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return waits, len(other)
