"""A small desk with one plugin that is the test's own."""

import types

import pytest

from helpdesk.api import API
from helpdesk.core.accounts import accounts
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.journal.models import Event
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.tickets.models import Ticket
from helpdesk.runtime.worker import Worker
from helpdesk.testing import Letters, front_desk, letter, small_runtime


class Shop:
    """A desk with a ticket, an agent, and a plugin named "shop" whose hooks the test gives."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow = runtime, uow
        self.account = front_desk(uow, "letters")
        self.agent = users.add(uow, "agent@desk.example", "Sara", "agent")
        teams.set_members(uow, 1, [self.agent.id])
        intake.accept(uow, self.account, letter("Where is it?", subject="My order"))
        raw_worker.drain(uow)
        self.ticket_id = uow.session.query(Ticket).one().id
        self.queue_id = accounts.get(uow, self.account).queue_id
        self.as_agent = uow.acting(actor_for(uow.session, self.agent, runtime.permissions))

    def plugin(self, **hooks):
        """Install the plugin; a hook that raises shows in ``faults``."""
        module = types.SimpleNamespace(API=API, **hooks)
        return self.runtime.hooks.add("shop", module)

    def hear(self):
        """Let the plugin hear the journal, as the worker does."""
        worker = Worker(self.runtime, self.runtime.notifier)
        while worker._announce(self.uow, "shop"):
            pass

    def faults(self):
        return self.runtime.hooks.plugins["shop"].faults

    def events(self, kind):
        self.uow.session.rollback()
        return self.uow.session.query(Event).where(Event.kind == kind).order_by(Event.seq).all()


@pytest.fixture
def shop(tmp_path):
    Letters.posted.clear()
    runtime = small_runtime(tmp_path, Letters)
    with runtime.uow() as uow:
        yield Shop(runtime, uow)
    runtime.engine.dispose()
