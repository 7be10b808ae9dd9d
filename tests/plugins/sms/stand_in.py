"""A gateway on loopback, as many are: it takes a form or JSON with a key, refuses what gateways refuse, and answers
with an id.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from plugins.sms.contract import KEY

LIMIT = 670  # characters


class Gateway:
    """``taken`` are the messages it took; ``fail`` is how it answers from now on: "", down, slow, busy, lost."""

    loses = True

    def __init__(self):
        self.taken, self.edited, self.deleted, self.signals = [], [], [], []
        self.fail, self.after = "", 60
        self.before_answer = lambda ids: None  # called before whoever sent it learns the id
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gateway": self}))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self, key, said):
        """(HTTP status, answer) to one request."""
        if key != KEY:
            return 403, {"return": {"status": 403, "message": f"no such key: {key}"}}
        if not said.get("to", "").startswith("09") or len(said.get("text", "")) > LIMIT:
            return 400, {"return": {"status": 411, "message": "the receptor is invalid"}}
        known = [number for number, one in enumerate(self.taken) if one.get("id") and one["id"] == said.get("id")]
        if not known:
            self.taken.append(said)
        number = known[0] + 1 if known else len(self.taken)
        self.before_answer([str(8000 + number)])
        return 200, {"return": {"status": 200}, "entries": [{"messageid": 8000 + number}]}


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self):
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(json.loads(body) if "json" in self.headers["Content-Type"] else dict(parse_qsl(body)))

    def _answer(self, said):
        if self.gateway.fail == "down":
            return self.connection.close()
        if self.gateway.fail == "slow":
            time.sleep(1.6)
        busy = self.gateway.fail == "busy"
        key = urlsplit(self.path).path.split("/")[1]
        status, answer = (429, {}) if busy else self.gateway.take(key, said)
        if self.gateway.fail == "lost":
            return self.connection.close()
        self.send_response(status)
        if busy:
            self.send_header("Retry-After", str(self.gateway.after))
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_given):
        """Tests are quiet."""
