"""A whole demo desk at work: listener, outbox and the customers' mail server on ports of their own."""

import time

import pytest

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams, users
from helpdesk.core.settings import demo
from helpdesk.runtime.worker import Worker
from helpdesk.security import passwords
from helpdesk.testing.databases import make_tables
from helpdesk.testing.processes import free_port

PASSWORD = "a long enough password"


def until(found, seconds=20):
    """What `found()` gives once it is true."""
    ends = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)
    return result


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """A desk with somebody to sign in and the account that the mailbox offers for the demo."""
    passwords.weaken()
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(free_port()))
    url = f"sqlite:///{tmp_path / 'hamdel.db'}"
    runtime = build_runtime(
        Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, plugins=("email", "mailbox"))
    )
    make_tables(runtime.engine)
    demo.mark(tmp_path)
    with runtime.uow() as uow:
        agent = users.add(uow, "agent@desk.example", "Sara", "agent", passwords.hash_password(PASSWORD))
        team = teams.add_team(uow, "Support", [agent.id])
        queue = teams.add_queue(uow, "Support", [team.id])
        for _plugin, account in runtime.hooks.gather("register_demo", runtime=runtime):
            accounts.create(uow, **account, queue_id=queue.id)
    yield runtime
    runtime.parser.close()
    runtime.engine.dispose()


@pytest.fixture
def at_work(runtime):
    """The same desk with its background work running."""
    worker = Worker(runtime, runtime.notifier)
    worker.start()
    yield runtime
    worker.stop(10)


@pytest.fixture
def client(runtime):
    """Somebody signed in; ``send(path, …)`` posts a form with its token."""
    client = create_app(runtime.config, runtime).test_client()

    def token():
        return client.get("/me", follow_redirects=True).text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    client.post("/sign-in", data={"email": "agent@desk.example", "password": PASSWORD, "csrf_token": token()})
    client.send = lambda path, **form: client.post(
        path, data={**form, "csrf_token": token()}, headers={"Accept": "text/html"}
    )
    return client
