"""A desk with the plugin on: from a customer's letter to the target, under a clock of the test's own."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.jobs import runner
from helpdesk.core.journal import journal
from helpdesk.core.journal.models import Event
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.sla import sweep
from helpdesk.core.sla.models import Clock
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import Letters, front_desk, letter, small_runtime
from helpdesk.testing.databases import make_tables
from plugins.sla.models import Base

START = datetime(2026, 10, 17, 6, 0, tzinfo=UTC)  # a Saturday, 9:30 in Tehran


class Desk:
    """``now`` is the clock of everything; ``tell`` lets plugins hear the journal as the worker does."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow, self.session, self.now = runtime, uow, uow.session, START
        uow.clock, self.heard = (lambda: self.now), 0
        self.account = front_desk(uow, "letters")
        self.queue = accounts.get(uow, self.account).queue_id
        agent = users.add(uow, "agent@desk.example", "Sara", "agent")
        teams.set_members(uow, 1, [agent.id])
        self.as_agent = self.acting(agent)
        self.admin = users.add(uow, "admin@desk.example", "Nima", "admin")

    def acting(self, user):
        return self.uow.acting(actor_for(self.session, user, self.runtime.permissions))

    def letter(self, text="Where is it?", **given):
        intake.accept(self.uow, self.account, letter(text, **given))
        raw_worker.drain(self.uow)
        self.session.expire_all()

    def tell(self):
        hooks = self.runtime.hooks
        while heard := journal.after(self.uow, self.heard):
            for name in hooks.listeners("on_event"):
                for event in heard:
                    with self.runtime.uow() as own:
                        own.clock = self.uow.clock
                        hooks.call_plugin(name, "on_event", event=event, uow=own)
            self.heard = heard[-1].seq
            self.session.rollback()
        assert not [fault for plugin in hooks.plugins.values() for fault in plugin.faults]
        self.session.expire_all()

    def wait(self, **span):
        self.now += timedelta(**span)
        while sweep.note_due(self.uow):
            pass
        self.session.expire_all()

    def run_jobs(self):
        while job := runner.claim(self.uow):
            runner.run(self.uow, job)
        self.session.expire_all()

    def clocks(self, *states):
        self.session.rollback()
        query = self.session.query(Clock).order_by(Clock.id).populate_existing()
        return {clock.name: clock for clock in query if not states or clock.state in states}

    def ticket(self, number=1):
        return self.session.get(Ticket, number, populate_existing=True)

    def events(self, *kinds):
        self.session.rollback()
        return [e for e in self.session.query(Event).order_by(Event.seq) if e.kind in kinds]


@pytest.fixture(params=["sqlite", "postgresql"])
def runtime(request, tmp_path):
    Letters.posted.clear()
    Letters.fails.clear()
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Letters, plugins="sla", database_url=url)
    make_tables(runtime.engine, metadata=Base.metadata)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def desk(runtime):
    with runtime.uow() as uow:
        desk = Desk(runtime, uow)
        desk.tell()
        yield desk
