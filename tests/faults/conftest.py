"""A real desk in a process of its own that can be killed, a real outside world, and a ledger of what went in and came out."""

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
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, text

from helpdesk.app import build_house
from helpdesk.config import from_environment
from helpdesk.core import accounts, teams
from helpdesk.core.base import Base
from helpdesk.migrate import upgrade

TOKEN = re.compile(r"ledger-\d+")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """The customers' mail server: keeps every message the desk sent, by Message-ID."""

    def __init__(self):
        self.received: list[tuple[str, bytes]] = []
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_DATA(self, server, session, envelope):
        found = re.search(rb"(?im)^message-id:\s*<([^>]+)>", envelope.content)
        self.received.append((found[1].decode() if found else "", envelope.content))
        return "250 taken"


class Desk:
    """One data folder, and the worker process on it."""

    def __init__(self, folder: Path, world: World):
        self.folder, self.port, self.process = folder, free_port(), None
        self.environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_SMTP_PORT": str(self.port),
            "HELPDESK_PORT": str(free_port()),
            "HELPDESK_PLUGINS": "email",
        }
        self.house = build_house(from_environment(self.environment))
        upgrade(self.house)
        with self.house.desk() as desk:
            queue = teams.add_queue(desk, "Front", [])
            settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1", "smtp_port": world.port, "smtp_security": "none"}
            self.account = accounts.create(desk, "email", "support", settings, queue.id).id
        self.url = f"sqlite:///{folder / 'hamdel.db'}"

    def start(self, fail_point: str = "") -> None:
        environment = {**self.environment, "HELPDESK_FAIL_POINT": fail_point}
        self.process = subprocess.Popen([sys.executable, "-m", "helpdesk", "worker"], env=environment, start_new_session=True)
        self._until(self._listening)

    def _listening(self) -> bool:
        if self.process.poll() is not None:
            return True
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def send(self, token: str) -> bool:
        """Hand a mail over as a mail server would; True when the desk took responsibility for it."""
        message = EmailMessage()
        message["From"], message["To"] = f"{token} <{token}@customer.example>", "support@desk.example"
        message["Subject"], message["Message-ID"] = f"Question {token}", f"<{token}@customer.example>"
        message.set_content(f"This is {token}. سلام")
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as server:
                return not server.send_message(message)
        except (OSError, smtplib.SMTPException):
            return False

    def rows(self, query: str) -> list:
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = connection.execute(text(query)).all()
        engine.dispose()
        return found

    def drained(self) -> bool:
        return self.rows("SELECT count(*) FROM parcel WHERE state = 'new'")[0][0] == 0

    def tokens(self) -> list[str]:
        """The token of every customer message that is there."""
        return [TOKEN.search(row[0])[0] for row in self.rows("SELECT text FROM message WHERE kind = 'in'")]

    @staticmethod
    def _until(true, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "waited too long"
            time.sleep(0.03)

    until = _until


@pytest.fixture
def world():
    outside = World()
    yield outside
    outside.controller.stop()


@pytest.fixture
def desk(tmp_path, world):
    desk = Desk(tmp_path, world)
    yield desk
    desk.kill()
    desk.house.parser.close()


@pytest.fixture
def fresh_house(tmp_path):
    """Make houses, each with a database, a queue and an account of its own: (house, account id).

    With ``shared`` they have one data folder and one set of parsing children, which is much quicker.
    """
    made, pools = [], []

    def make(shared: bool = False):
        number = len(made)
        folder = tmp_path / ("shared" if shared else f"house{number}")
        environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_DATABASE_URL": f"sqlite:///{tmp_path}/{number}.db",
            "HELPDESK_PLUGINS": "email",
        }
        house = build_house(from_environment(environment))
        if shared and pools:
            house.parser = pools[0]
        pools.append(house.parser)
        made.append(house)
        Base.metadata.create_all(house.engine)
        with house.desk() as desk:
            queue = teams.add_queue(desk, "Front", [])
            account = accounts.create(desk, "email", "support", {"address": "support@desk.example"}, queue.id)
        return house, account.id

    yield make
    for pool in pools:
        pool.close()
