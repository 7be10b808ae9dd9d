"""A whole desk behind a test client: database, staff of every role, two teams with a queue each, one account."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage as Stored
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import User
from helpdesk.core.permissions import ROLES
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords
from helpdesk.testing import ReadHere
from helpdesk.testing.databases import make_tables

PASSWORD = "a long enough password"
PLAIN = """From: {name} <{address}>
To: support@desk.example
Subject: {subject}
Message-ID: <{number}@customer.example>
Date: Thu, 15 Oct 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""

_numbers = count(1)


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords():
    passwords.weaken()


@pytest.fixture
def config(tmp_path):
    return Config(
        data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'hamdel.db'}", secret_key="k" * 40, plugins=("email",)
    )


@pytest.fixture
def runtime(config):
    """The runtime of a desk with its tables made."""
    runtime = build_runtime(config)
    runtime.parser = ReadHere(runtime)  # what children do is tested where they are
    make_tables(runtime.engine)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def people(runtime):
    """A user of each role by its name, and "stranger": an agent of another team. All have the password PASSWORD."""
    hashed = passwords.hash_password(PASSWORD)
    with runtime.uow() as uow:
        found = {role: users.add(uow, f"{role}@desk.example", f"The {role}", role, hashed) for role in ROLES}
        found["stranger"] = users.add(uow, "stranger@desk.example", "A stranger", "agent", hashed)
        ours = teams.add_team(uow, "Orders", [found[name].id for name in ("agent", "supervisor", "trainer", "admin")])
        theirs = teams.add_team(uow, "Billing", [found["stranger"].id])
        teams.add_queue(uow, "Orders and delivery", [ours.id])
        teams.add_queue(uow, "Invoices", [theirs.id])
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue_id=1)
    return found


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Templates are compiled once, not for each test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(runtime, compiled):
    app = create_app(runtime.config, runtime)
    app.testing = False  # errors become pages, as they do for people
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def csrf_of(client) -> str:
    """The CSRF token of a client's session."""
    page = client.get("/me", follow_redirects=True).text
    return page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]


def sign_in(client, user: User, password: str = PASSWORD, **form):
    """Sign a client in by the page, as a person does; the answer to the form."""
    return client.post(
        "/sign-in", data={"email": user.email, "password": password, "csrf_token": csrf_of(client), **form}
    )


@pytest.fixture
def signed_in(app, people):
    """signed_in("agent") is a client with that person's session; its ``csrf`` belongs into each form."""

    def make(role: str):
        client = app.test_client()
        assert sign_in(client, people[role]).status_code == 302
        client.csrf = csrf_of(client)
        return client

    return make


@pytest.fixture
def agent(signed_in):
    """The agent's client; ``post`` adds the CSRF token."""
    client = signed_in("agent")
    plain = client.post
    client.post = lambda url, data=None, **options: plain(
        url, data={"csrf_token": client.csrf, **(data or {})}, **options
    )
    return client


@pytest.fixture
def arrives(runtime, people):
    """arrives(subject, text) brings a mail through intake and ingest as the listener would; the ticket's id."""

    def bring(
        subject="Where is my order?",
        text="It has not come yet.",
        name="Mina Rastegar",
        address="mina@customer.example",
        queue_id=1,
    ):
        raw = PLAIN.format(subject=subject, text=text, name=name, address=address, number=next(_numbers)).encode()
        with runtime.uow() as uow:
            if queue_id != 1:
                accounts.update(uow, 1, queue_id=queue_id)
            raw_message = intake.accept(uow, 1, RawMessage(f"test-{next(_numbers)}", raw, datetime.now(UTC)))
            while raw_worker.work(uow):
                pass
            state = uow.session.get(Stored, raw_message)
            assert state.state == "done", (state.state, state.reason)
            return uow.session.query(Message).filter_by(raw_message_id=raw_message).one().ticket_id

    return bring


@pytest.fixture
def counted(runtime):
    """``with counted() as statements`` gathers the statements that the runtime's engine runs inside."""

    @contextmanager
    def gather():
        statements = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        event.listen(runtime.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(runtime.engine, "before_cursor_execute", note)

    return gather


def with_url(config, url):
    """The same configuration at another address."""
    return replace(config, url=url)
