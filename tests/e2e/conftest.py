"""A desk in a process of its own, real browsers in front of it, and mail that comes in behind its back."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import count

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import free_port

PASSWORD = "a long enough password"
PRESS = (
    "([code, key, more]) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', "
    "{ code, key, bubbles: true, cancelable: true, ...more }))"
)
STAFF = {"sara": ("سارا محمدی", "fa"), "nima": ("Nima Amini", "en")}

_numbers = count(1)


def letter(
    subject="Where is my order?",
    text="It has not come yet.",
    html="",
    name="Mina Rastegar",
    address="mina@customer.example",
    answers="",
) -> EmailMessage:
    """A customer's mail; ``answers`` is the Message-ID it answers."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f'"{name}" <{address}>', "support@desk.example", subject
    mail["Message-ID"] = f"<{next(_numbers)}@customer.example>"
    if answers:
        mail["In-Reply-To"] = f"<{answers.strip('<>')}>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


class RunningDesk:
    """A data folder, the web process on it, and the runtime behind it for what a test does itself."""

    def __init__(self, folder, plugins="email", **environment):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PORT": str(self.port),
            "HELPDESK_PLUGINS": plugins,
            **environment,
        }
        self.environment.pop("HELPDESK_URL", None)
        self.runtime = build_runtime(from_environment(self.environment))
        upgrade(self.runtime)
        with self.runtime.uow() as uow:
            people = [
                users.add(uow, f"{name}@desk.example", full, "agent", passwords.hash_password(PASSWORD), language)
                for name, (full, language) in STAFF.items()
            ]
            team = teams.add_team(uow, "Orders", [person.id for person in people])
            teams.add_queue(uow, "Orders and delivery", [team.id])
            accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue_id=1)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk", "web"], env=self.environment, start_new_session=True
        )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "the desk did not start"
            time.sleep(0.05)
        raise AssertionError("the desk did not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def arrives(self, *given, **more) -> int:
        """A ``letter`` comes in as the listener would bring it; the id of its ticket."""
        return self.all_arrive([letter(*given, **more)])[0]

    def all_arrive(self, letters) -> list[int]:
        """Letters come in together; the ids of their tickets, in order."""
        raw_messages = [RawMessage(f"e2e-{next(_numbers)}", mail.as_bytes(), datetime.now(UTC)) for mail in letters]
        with self.runtime.uow() as uow:
            accepted = [raw_message.id for raw_message in intake.accept_many(uow, 1, raw_messages)]
            raw_worker.drain(uow)
            query = uow.session.query(Message.raw_message_id, Message.ticket_id).filter(
                Message.raw_message_id.in_(accepted)
            )
            tickets = dict(query.all())
            return [tickets[raw_message] for raw_message in accepted]

    def acting(self, name: str, act):
        """Let a colleague do something at their own desk: ``act(uow)``."""
        with self.runtime.uow() as uow:
            actor = actor_for(uow.session, uow.session.query(User).filter_by(email=f"{name}@desk.example").one())
            uow.session.rollback()
            return act(uow.acting(actor))


def live(page, path="/views/all"):
    """The page with its line to the desk open."""
    page.goto(path)
    page.wait_for_selector("html[data-live=on]")
    return page


def press(page, code, key, **more):
    """A key by its place on the board, whatever letter the layout gives it."""
    page.evaluate(PRESS, [code, key, more])


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.stop()
    desk.runtime.parser.close()


@pytest.fixture(scope="module")
def sessions():
    """The cookies of those who signed in already: signing in is limited, and a test of its own."""
    return {}


@pytest.fixture
def as_(browser, running, sessions):
    """as_("sara") is a page on which Sara has signed in. What a page complains of or asks elsewhere fails the test."""
    contexts, complaints = [], []

    def open_page(name: str, **options):
        context = browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("response", lambda answer: print(answer.status, answer.url) if answer.status >= 400 else None)
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}") if _is_complaint(said) else None)
        page.on(
            "request",
            lambda asked: (
                complaints.append(f"asked {asked.url}")
                if not asked.url.startswith((running.url, "data:", "blob:", running.url.replace("http", "ws")))
                else None
            ),
        )
        if name not in sessions:
            page.goto("/sign-in")
            page.fill("[name=email]", f"{name}@desk.example")
            page.fill("[name=password]", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_selector(".console")
            sessions[name] = context.cookies()
        context.add_cookies(sessions[name])
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(said) -> bool:
    return said.type == "error" and not re.search(
        r"WebSocket connection|^htmx:(afterRequest|sendError)|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|(409|422|503) \(",
        said.text,
    )
