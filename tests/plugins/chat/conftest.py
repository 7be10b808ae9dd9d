"""A desk that runs in processes of its own with a chat account, and agents who act on it from here."""

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.testing import databases
from helpdesk.testing.processes import Served

from .client import ChatClient

KEY = "k" * 40
SHOP = "https://shop.example"
SECRET = "canary-secret-of-the-site"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def runtime(folder):
    config = Config(
        data_dir=folder, database_url=f"sqlite:///{folder / 'hamdel.db'}", secret_key=KEY, plugins=("email", "chat")
    )
    runtime = build_runtime(config)
    databases.upgrade(runtime)
    with runtime.uow() as uow:
        team = teams.add_team(uow, "Front")
        queue = teams.add_queue(uow, "Front", [team.id])
        settings = {"origins": SHOP, "secret": SECRET}
        runtime.shop = accounts.create(uow, "chat", "shop", settings, queue.id)
        runtime.agent = users.add(uow, "sara@desk.example", "Sara", "agent")
        runtime.supervisor = users.add(uow, "parisa@desk.example", "Parisa", "supervisor")
        teams.set_members(uow, team.id, [runtime.agent.id, runtime.supervisor.id])
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue.id)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture(scope="module")
def served(folder, runtime):
    desk = Served(folder, "run", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email,chat")
    yield desk
    desk.kill()


@pytest.fixture
def page(served, runtime):
    """page() is a connected page of a new visitor, page(token=…) of a known one."""
    opened = []

    def make(key=runtime.shop.public_key, origin=SHOP, join=True, **given):
        opened.append(ChatClient(f"http://127.0.0.1:{served.port}", key, origin, **given))
        return opened[-1].connect() if join else opened[-1]

    yield make
    for each in opened:
        if not each.closed:
            each.disconnect()


@pytest.fixture
def act(runtime):
    """act(function, …) calls a core function as the agent, in this process."""

    def call(function, *given, **named):
        with runtime.uow() as uow:
            return function(uow.acting(actor_for(uow.session, runtime.agent)), *given, **named)

    return call
