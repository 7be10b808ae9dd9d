"""A small desk with training, and people of each role; on SQLite and PostgreSQL."""

import pytest

from helpdesk.core.people import users
from helpdesk.core.people.actors import actor_for
from helpdesk.testing import Letters, small_runtime
from helpdesk.testing.databases import make_tables
from training.tables import Base


class Desk:
    """A unit of work for whoever acts, ``as_("sara")``, at a moment that tests move."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow, self.now = runtime, uow, uow.clock()
        roles = {"sara": "agent", "nima": "agent", "tara": "trainer", "negar": "supervisor"}
        self.people = {name: users.add(uow, f"{name}@desk.example", name.title(), role) for name, role in roles.items()}
        uow.clock = lambda: self.now

    def as_(self, name):
        self.uow.session.rollback()
        return self.uow.acting(actor_for(self.uow.session, self.people[name], self.runtime.permissions))


@pytest.fixture(params=["sqlite", "postgresql"])
def runtime(request, tmp_path):
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Letters, plugins="training", database_url=url)
    assert runtime.hooks.plugins["training"].state == "on", runtime.hooks.plugins["training"].reason
    make_tables(runtime.engine, metadata=Base.metadata)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def desk(runtime):
    with runtime.uow() as uow:
        yield Desk(runtime, uow)
