"""Another program holds the database, or it may only be read: nobody is told what is not so, nothing is lost, all
goes on by itself (TRUST D06).
"""

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from sqlalchemy import event, make_url

from helpdesk.app import create_app
from helpdesk.core.actor import DESK
from helpdesk.core.database import locks
from helpdesk.core.database.engine import is_transient
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.people import api_tokens, users
from helpdesk.testing import Letters, front_desk, letter, small_runtime
from helpdesk.testing.sizes import size

PATIENCE = 30.0  # seconds the desk waits for another program


@pytest.fixture
def web(either):
    web = either.web()
    yield web
    web.kill()


def ask(web, desk, path: str, text: str = "") -> tuple[int, dict, float]:
    """Status, headers, and how long it took."""
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{web.port}{path}", json.dumps({"text": text}).encode() if text else None, headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as said:
            return said.status, said.headers, time.monotonic() - began
    except urllib.error.HTTPError as error:
        return error.code, error.headers, time.monotonic() - began


class Meanwhile(threading.Thread):
    """Does something in a thread of its own; ``found`` is what came of it."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.found = act, None
        self.start()

    def run(self):
        self.found = self.act()


@contextmanager
def another_writer(path):
    """Inside, another program writes to this SQLite file."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_program_holds_the_file_for_a_while(either, web, world):
    """Ten seconds in the soak: who writes waits, who reads does not, and nobody is turned away."""
    either.start()
    assert either.send("ledger-1")
    either.until(lambda: len(world.received) == 1)
    with another_writer(either.folder / "hamdel.db"):
        mail = Meanwhile(lambda: either.send("ledger-2", patience=60))
        answer = Meanwhile(lambda: ask(web, either, "/api/v1/tickets/1/replies", "Meanwhile"))
        end = time.monotonic() + size(3, 10)
        while time.monotonic() < end:
            status, _headers, took = ask(web, either, "/api/v1/tickets")
            assert status == 200 and took < 1.0, "reading goes on"
            time.sleep(0.2)
        assert mail.is_alive() and answer.is_alive(), "writing waits"
    mail.join(10)
    answer.join(10)
    assert mail.found and answer.found[0] == 201
    either.until(lambda: set(either.tokens()) == {"ledger-1", "ledger-2"} and len(world.received) == 3)
    assert either.rows("SELECT max(attempts) FROM raw_message") == [(1,)]


def test_those_who_wait_for_the_file_wait_together(tmp_path, monkeypatch):
    """They used to wait one after the other, each as long as one may: the tenth for five minutes."""
    monkeypatch.setattr(locks, "WRITER_WAITS", 0.5)
    runtime = small_runtime(tmp_path, Letters)
    with runtime.uow() as uow:
        front_desk(uow, "letters")

    def write() -> bool:
        with runtime.uow() as uow:
            try:
                intake.accept(uow, 1, letter("Hello"))
            except sqlite3.OperationalError as error:
                return is_transient(error)

    with another_writer(tmp_path / "hamdel.db"):
        began = time.monotonic()
        writers = [Meanwhile(write) for _ in range(8)]
        for writer in writers:
            writer.join()
        assert time.monotonic() - began < 1.5
    assert [writer.found for writer in writers] == [True] * 8
    runtime.engine.dispose()


@pytest.mark.soak
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_program_holds_the_file_longer_than_anybody_waits(either, web, world):
    either.start()
    assert either.send("ledger-1")
    either.until(lambda: len(world.received) == 1)
    with another_writer(either.folder / "hamdel.db"):
        mail = Meanwhile(lambda: either.send("ledger-2", patience=60))
        status, headers, took = ask(web, either, "/api/v1/tickets/1/replies", "Too late")
        assert (status, headers["Retry-After"]) == (503, "5") and took > PATIENCE
        mail.join(10)
        assert mail.found is False
    assert either.send("ledger-2")
    either.until(lambda: sorted(either.tokens()) == ["ledger-1", "ledger-2"])
    assert either.rows("SELECT max(attempts) FROM raw_message") == [(1,)]
    assert not either.rows("SELECT 1 FROM message WHERE text = 'Too late'")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_may_only_be_read_as_after_a_fail_over(either, web, postgres_server, postgres_url, world):
    """A standby answers; it used to be taken for a fault of ours, and its connections were kept when it had long
    been writable again.
    """
    name = make_url(postgres_url).database

    def only_read(on: bool) -> None:
        postgres_server.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if on else 'off'}")

    def fail_over() -> None:
        postgres_server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    either.start()
    assert either.send("ledger-1")
    either.until(lambda: len(world.received) == 1)
    only_read(True)
    fail_over()
    assert not either.send("ledger-2")
    status, headers, _took = ask(web, either, "/api/v1/tickets/1/replies", "Lost")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert ask(web, either, "/api/v1/tickets")[0] == 200, "reading goes on"
    ready = web.get("/readyz", Authorization=f"Bearer {either.token}")
    assert ready[0] == 503
    only_read(False)
    either.until(lambda: either.send("ledger-2"), 20)
    either.until(lambda: ask(web, either, "/api/v1/tickets/1/replies", "Kept")[0] == 201, 20)
    either.until(lambda: sorted(either.tokens()) == ["ledger-1", "ledger-2"] and len(world.received) == 3)
    assert either.rows("SELECT max(attempts) FROM raw_message") == [(1,)]


def test_sqlite_may_only_be_read(tmp_path):
    """As when the system has put the disk into read-only after an error."""
    runtime = small_runtime(tmp_path, Letters)
    with runtime.uow() as uow:
        front_desk(uow, "letters")
        users.add(uow, "admin@desk.example", "Mina", "admin")
        bearer = {"Authorization": f"Bearer {api_tokens.add_token(uow, 1, 'tests')}"}
        intake.accept(uow, 1, letter("Hello"))
        raw_worker.drain(uow)
        waiting = intake.accept(uow, 1, letter("More"))

    def only_read(connection, _record):
        connection.execute("PRAGMA query_only=ON")

    runtime.engine.dispose()
    event.listen(runtime.engine, "connect", only_read)
    client = create_app(runtime.config, runtime).test_client()
    with runtime.uow(DESK) as uow:
        for act in (lambda: intake.accept(uow, 1, letter("Not now")), lambda: raw_worker.drain(uow)):
            with pytest.raises(Exception) as caught:
                act()
            assert is_transient(caught.value), caught.value
    answer = client.post("/api/v1/tickets/1/replies", json={"text": "Not now"}, headers=bearer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/api/v1/tickets/1", headers=bearer).status_code == 200
    event.remove(runtime.engine, "connect", only_read)
    runtime.engine.dispose()
    with runtime.uow(DESK) as uow:
        raw_worker.drain(uow)
        row = uow.session.get(RawMessage, waiting)
        assert (row.state, row.attempts) == ("done", 1)
    assert client.post("/api/v1/tickets/1/replies", json={"text": "Now"}, headers=bearer).status_code == 201
    runtime.engine.dispose()
