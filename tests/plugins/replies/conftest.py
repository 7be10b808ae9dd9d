"""A small desk with the plugin, a ticket of a customer, and people of two teams; on SQLite and PostgreSQL."""

import pytest

from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import Letters, front_desk, letter, small_runtime
from helpdesk.testing.databases import make_tables
from plugins.replies.tables import Base


class Desk:
    """The runtime and a unit of work for whoever acts: ``as_("sara")``."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow = runtime, uow
        self.account = front_desk(uow, "letters")
        people = {"sara": "agent", "nima": "agent", "negar": "supervisor", "ada": "admin"}
        self.people = {
            name: users.add(uow, f"{name}@desk.example", name.title(), role) for name, role in people.items()
        }
        self.front, self.back = 1, teams.add_team(uow, "Back", [self.people["nima"].id]).id
        teams.set_members(uow, self.front, [self.people["sara"].id, self.people["negar"].id])
        self.back_queue = teams.add_queue(uow, "Back | پشتیبان", [self.back], handover=True).id
        self.ticket_id = self.arrives("Where is it?", subject="My order 48213")

    def arrives(self, text, **more):
        intake.accept(self.uow, self.account, letter(text, **more))
        raw_worker.drain(self.uow)
        return self.uow.session.query(Ticket).order_by(Ticket.id.desc()).first().id

    def as_(self, name):
        person = self.people[name]
        self.uow.session.rollback()
        return self.uow.acting(actor_for(self.uow.session, person, self.runtime.permissions))


def given(name="Late delivery", en="Dear {{customer.first_name|friend}}, sorry.", fa="", **more):
    """A saved reply in the shape of checking.Given."""
    texts = {"en": {"subject": "", "text": en}, "fa": {"subject": "", "text": fa}}
    return {"name": name, "folder": "", "scope": "desk", "team": None, "texts": texts, "actions": [], **more}


@pytest.fixture(params=["sqlite", "postgresql"])
def runtime(request, tmp_path):
    Letters.posted.clear()
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Letters, plugins="replies", database_url=url)
    assert runtime.hooks.plugins["replies"].state == "on", runtime.hooks.plugins["replies"].reason
    make_tables(runtime.engine, metadata=Base.metadata)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def desk(runtime):
    with runtime.uow() as uow:
        yield Desk(runtime, uow)
