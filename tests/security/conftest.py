"""A desk behind a test client for attacks: an agent with a session and a token, an account, a ticket."""

import pytest

from helpdesk.app import create_app
from helpdesk.core.accounts import accounts
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.models import Ticket
from helpdesk.security import passwords
from helpdesk.testing.desks import small_runtime

PASSWORD = "a long enough password"


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords():
    passwords.weaken()


@pytest.fixture
def runtime(tmp_path):
    runtime = small_runtime(tmp_path, plugins="email")
    with runtime.uow() as uow:
        agent = users.add(uow, "agent@desk.example", "An agent", "agent", passwords.hash_password(PASSWORD))
        team = teams.add_team(uow, "Front", [agent.id])
        queue = teams.add_queue(uow, "Front", [team.id])
        account = accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue.id)
        with uow.writing() as session:
            customer = Customer(name="Mina")
            session.add(customer)
            session.flush()
            session.add(
                Ticket(
                    subject="Order", queue_id=queue.id, customer_id=customer.id, account_id=account.id, channel="email"
                )
            )
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def app(runtime):
    return create_app(runtime.config, runtime)


@pytest.fixture
def stranger(app):
    """A client nobody has signed in with; ``csrf`` is what a page gives it."""
    client = app.test_client()
    client.csrf = client.get("/sign-in").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    return client


@pytest.fixture
def agent(stranger):
    """The agent's client."""
    form = {"email": "agent@desk.example", "password": PASSWORD, "csrf_token": stranger.csrf}
    assert stranger.post("/sign-in", data=form).status_code == 302
    stranger.csrf = stranger.get("/me").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    return stranger


@pytest.fixture
def api(app, runtime):
    """api(method, path, body) asks with the agent's token and sends these bytes as JSON."""
    with runtime.uow() as uow:
        token = api_tokens.add_token(uow, 1)

    def ask(method: str, path: str, body: bytes | str):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, data=body)

    return ask
