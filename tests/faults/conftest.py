"""A real desk in a process of its own that can be killed, a real outside world, and a ledger of what went in and
came out.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.journal import journal
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.testing.databases import make_tables, upgrade
from helpdesk.testing.processes import Served, free_port

KEY = "k" * 40
TOKEN = re.compile(r"ledger-\d+")

PROVED = "mx.desk.example; dmarc=pass header.from=customer.example"


class World:
    """The customers' mail server: keeps every message the desk sent, by Message-ID, and whom each was for
    (``envelopes``).

    ``answers`` are what it says to the next messages instead of taking them, ``recipients`` what it says to an address.
    """

    DROP = "the mail is taken, and the line breaks before that can be said"

    def __init__(self):
        self.received: list[tuple[str, bytes]] = []
        self.envelopes: list[list[str]] = []
        self.answers: list[str] = []
        self.recipients: dict[str, str] = {}
        self.port = free_port()
        self.open()

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        self.controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.recipients.get(address, "250 known")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        found = re.search(rb"(?im)^message-id:\s*<([^>]+)>", envelope.content)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == self.DROP:
            server.transport.abort()
        if answer in (self.DROP, "250 taken"):
            self.envelopes.append(list(envelope.rcpt_tos))
            self.received.append((found[1].decode() if found else "", envelope.content))
        return answer


class Desk:
    """One data folder with a database, and the worker processes on it; ``process`` is the first one's."""

    def __init__(self, folder: Path, world: World, database_url: str = "", **settings):
        self.folder, self.port, self.process = folder, free_port(), None
        self.others: list[subprocess.Popen] = []
        self.environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PLUGINS": "email",
            "HELPDESK_DATABASE_URL": database_url,
            "HELPDESK_SECRET_KEY": KEY,
        }
        self.runtime = build_runtime(from_environment(self.environment))
        upgrade(self.runtime)
        with self.runtime.uow() as uow:
            team = teams.add_team(uow, "Front")
            teams.add_queue(uow, "Front", [team.id])
            self.agent = users.add(uow, "agent@desk.example", "Sara", "agent").id
            self.token = api_tokens.add_token(uow, self.agent, "tests")
            teams.set_members(uow, team.id, [self.agent])
            self.sending = {"smtp_host": "127.0.0.1", "smtp_port": world.port, "smtp_security": "none", **settings}
            self.sending["trusted_servers"] = "mx.desk.example"
            self.account = self.add_account(uow, "support")

    def add_account(self, uow, name: str) -> int:
        return accounts.create(uow, "email", name, {"address": f"{name}@desk.example", **self.sending}, 1).id

    def start(self, fail_point: str = "") -> None:
        self.process = self.worker(self.port, fail_point)

    def another(self, fail_point: str = "") -> subprocess.Popen:
        """One more worker process."""
        self.others.append(self.worker(free_port(), fail_point))
        return self.others[-1]

    def worker(self, port: int, fail_point: str = "") -> subprocess.Popen:
        """A worker process that listens on this port."""
        environment = {**self.environment, "HELPDESK_FAIL_POINT": fail_point, "HELPDESK_SMTP_PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk", "worker"], env=environment, start_new_session=True
        )

        def listening() -> bool:
            with socket.socket() as probe:
                return process.poll() is not None or probe.connect_ex(("127.0.0.1", port)) == 0

        self.until(listening)
        return process

    def web(self, **environment: str) -> Served:
        """A web process; whoever asks for it kills it."""
        return Served(self.folder, "web", **{**self.environment, **environment})

    def cookie(self) -> str:
        """The session cookie of the agent, as signing in gives it."""
        app = Flask("cookies")
        app.secret_key = KEY
        return "session=" + SecureCookieSessionInterface().get_signing_serializer(app).dumps(
            {"_user_id": f"{self.agent}:0:", "_fresh": True}
        )

    def kill(self) -> None:
        for process in filter(None, [self.process, *self.others]):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def close(self) -> None:
        self.kill()
        self.runtime.parser.close()
        self.runtime.engine.dispose()

    def send(self, token: str, port: int = 0, patience: float = 5) -> bool:
        """Hand a mail over as a mail server would; True when the desk took responsibility for it."""
        message = EmailMessage()
        message["Authentication-Results"] = PROVED  # else acknowledgements are limited by the hour
        message["From"], message["To"] = f"{token} <{token}@customer.example>", "support@desk.example"
        message["Subject"], message["Message-ID"] = f"Question {token}", f"<{token}@customer.example>"
        message.set_content(f"This is {token}. سلام")
        try:
            with smtplib.SMTP("127.0.0.1", port or self.port, timeout=patience) as server:
                return not server.send_message(message)
        except (OSError, smtplib.SMTPException):
            return False

    def rows(self, query: str) -> list:
        with self.runtime.engine.connect() as connection:
            return connection.execute(text(query)).all()

    def change(self, statement: str) -> None:
        with self.runtime.engine.connect().execution_options(writer=True) as connection, connection.begin():
            connection.execute(text(statement))

    def drained(self) -> bool:
        return self.rows("SELECT count(*) FROM raw_message WHERE state = 'new'")[0][0] == 0

    def tokens(self) -> list[str]:
        """The token of every customer message that is there."""
        return [TOKEN.search(row[0])[0] for row in self.rows("SELECT text FROM message WHERE kind = 'in'")]

    @staticmethod
    def until(true, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "waited too long"
            time.sleep(0.03)


@pytest.fixture
def world():
    outside = World()
    yield outside
    outside.close()


@pytest.fixture
def desk(tmp_path, world):
    desk = Desk(tmp_path, world)
    yield desk
    desk.close()


@pytest.fixture
def either(tmp_path, world, database_url):
    """A desk on SQLite, then one on PostgreSQL."""
    desk = Desk(tmp_path, world, database_url)
    yield desk
    desk.close()


@pytest.fixture
def fresh_runtime(tmp_path, world):
    """Make runtimes, each with a database, a queue and an account of its own: (runtime, account id).

    With ``shared`` they have one data folder and one set of parsing children, which is much quicker. ``url`` is an
    empty database.
    """
    numbers, pools = count(), []

    def make(shared: bool = False, url: str = ""):
        number = next(numbers)
        folder = tmp_path / ("shared" if shared else f"desk{number}")
        environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_DATABASE_URL": url or f"sqlite:///{tmp_path}/{number}.db",
            "HELPDESK_PLUGINS": "email",
        }
        runtime = build_runtime(from_environment(environment))
        if shared and pools:
            runtime.parser = pools[0]
        else:
            pools.append(runtime.parser)
        make_tables(runtime.engine)
        with runtime.uow() as uow:
            queue = teams.add_queue(uow, "Front", [])
            sending = {"smtp_host": "127.0.0.1", "smtp_port": world.port, "smtp_security": "none"}
            account_id = accounts.create(
                uow, "email", "support", {"address": "support@desk.example", **sending}, queue.id
            ).id
            journal.take_cursor(uow, "on_event:acknowledge")
        return runtime, account_id

    yield make
    for pool in pools:
        pool.close()
