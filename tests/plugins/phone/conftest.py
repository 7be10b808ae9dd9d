"""A desk with a telephone line and an agent, by its code and by its pages."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from helpdesk.api import accounts
from helpdesk.app import create_app
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.security import passwords
from helpdesk.testing import front_desk, small_runtime
from plugins.phone import calls, promise
from plugins.phone.channel import Phone
from plugins.phone.contract import PhoneContract

SATURDAY = datetime(2026, 2, 28, 5, 30, tzinfo=UTC)  # 9:00 in Tehran, 9 Esfand 1404
HOURS = {"hours": "sat-wed 9:00-17:00", "slot_calls": 2, "language": "en", "holidays": ""}
PASSWORD = "a long enough password"


class Contract(PhoneContract):
    """Hands of the contract that other tests use, too; not collected."""

    __test__ = False


def arrive(uow):
    """The message of a wish comes in, and the plugin hears of it."""
    uow.session.rollback()
    Contract().drain(uow)
    promise.file_asked(uow)
    uow.session.expire_all()


BOTH = pytest.mark.parametrize("runtime", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def runtime(request, tmp_path):
    """A desk with the plugin; tests marked ``BOTH`` run on PostgreSQL, too."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Phone, plugins="phone", database_url=url)
    calls.Base.metadata.create_all(runtime.engine)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def runtime_at(runtime):
    """Every unit of work of this desk, those of requests, too, is of a Saturday morning."""
    plain = runtime.uow_on

    def made(*given, **named):
        uow = plain(*given, **named)
        uow.clock = lambda: SATURDAY
        return uow

    runtime.uow_on = made
    return runtime


@pytest.fixture
def uow(runtime_at):
    """A unit of work of the desk itself."""
    with runtime_at.uow() as uow:
        yield uow


@pytest.fixture
def line(uow):
    """The account of the line."""
    return accounts.get(uow, front_desk(uow, "phone", **{**PhoneContract.settings, **HOURS}))


@pytest.fixture
def client(runtime_at, line):
    """A browser that nobody signed in with."""
    app = create_app(runtime_at.config, runtime_at)
    app.testing = False
    return app.test_client()


def person(uow, client, name, member):
    """A user in the line's team or in none: ``get`` and ``post`` of a signed-in browser, ``bearer``, ``id``."""
    user = users.add(uow, f"{name}@desk.example", name.title(), "agent", passwords.hash_password(PASSWORD))
    if member:
        teams.set_members(uow, 1, [user.id])
    token = api_tokens.add_token(uow, user.id)
    browser = client.application.test_client()

    def csrf():
        page = browser.get("/me", follow_redirects=True).text
        return page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    form = {"email": user.email, "password": PASSWORD, "csrf_token": csrf()}
    assert browser.post("/sign-in", data=form).status_code == 302
    known = csrf()

    def post(url, **data):
        return browser.post(url, data={"csrf_token": known, **data})

    return SimpleNamespace(id=user.id, get=browser.get, post=post, bearer={"Authorization": f"Bearer {token}"})


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords():
    passwords.weaken()


@pytest.fixture
def agent(uow, client):
    """An agent of the line's team."""
    return person(uow, client, "sara", member=True)


@pytest.fixture
def stranger(uow, client):
    """An agent of no team."""
    return person(uow, client, "nima", member=False)
