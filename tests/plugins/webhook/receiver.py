"""A little server on loopback that takes what the desk tells it, or fails as it is asked to."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class Receiver:
    """``taken`` is what came, (headers, body) each; ``status`` its answer, ``fail`` a way to fail."""

    def __init__(self):
        self.taken, self.status, self.headers, self.fail = [], 200, {}, ""
        self.answer, self.let_go = b"thanks", Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook?token=canary-path-72"

    @property
    def kinds(self):
        return [json.loads(body)["event"]["kind"] for _headers, body in self.taken]

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self):
        body, asked = self.rfile.read(int(self.headers["Content-Length"] or 0)), self.receiver
        asked.taken.append((dict(self.headers), body))
        if asked.fail == "down":
            return self.connection.close()
        if asked.fail == "slow":
            asked.let_go.wait(20)
        self.send_response(asked.status)
        for name, value in asked.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(asked.answer)
        if asked.fail == "endless":
            self._write_on()

    do_GET = do_POST

    def _write_on(self):
        try:
            while not self.receiver.let_go.is_set():
                self.wfile.write(b"x" * 65_536)
        except OSError:
            time.sleep(0)

    def log_message(self, *_given):
        """Tests are quiet."""
