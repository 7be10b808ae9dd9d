"""A desk that gets letters: from the door to the ticket and out again, in one process."""

from datetime import UTC, datetime

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.jobs import runner
from helpdesk.core.jobs.models import Job
from helpdesk.core.outbox import outbox
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import Letters, front_desk, letter, small_runtime


class Flow:
    """Shorthand for what the tests do again and again."""

    def __init__(self, runtime, uow):
        self.runtime, self.uow, self.session = runtime, uow, uow.session
        self.account = front_desk(uow, "letters")
        self.queue = accounts.get(uow, self.account).queue_id
        self.agent = users.add(uow, "agent@desk.example", "Sara", "agent")
        teams.set_members(uow, 1, [self.agent.id])
        self.as_agent = uow.acting(actor_for(uow.session, self.agent))

    def run_jobs(self):
        """Run every job that is due, and those that were put off for another try at once."""
        while (job := runner.claim(self.uow)) is not None:
            runner.run(self.uow, job)
            again = self.session.query(Job).filter_by(id=job, state="queued")
            again.update({"due_at": datetime(2020, 1, 1, tzinfo=UTC)})
            self.session.commit()
        self.session.expire_all()

    def arrive(self, *raw_messages, account=None):
        for raw_message in raw_messages:
            intake.accept(self.uow, account or self.account, raw_message)
        raw_worker.drain(self.uow)
        self.session.expire_all()

    def write(self, text="Hello", **given):
        self.arrive(letter(text, **given))
        return self.messages()[-1]

    def tickets(self):
        return self.session.query(Ticket).order_by(Ticket.id).all()

    def messages(self, ticket_id=None):
        query = self.session.query(Message).order_by(Message.id)
        return (query.filter_by(ticket_id=ticket_id) if ticket_id else query).all()

    def deliveries(self):
        self.session.expire_all()
        return self.session.query(Delivery).order_by(Delivery.id).all()

    def send(self):
        outbox.work(self.uow)
        self.session.expire_all()

    def tell(self):
        """Let plugins hear the journal, as the worker does."""
        from helpdesk.runtime.worker import Worker

        worker = Worker(self.runtime, self.runtime.notifier)
        for name in self.runtime.hooks.listeners("on_event"):
            while worker._announce(self.uow, name):
                pass
        self.session.expire_all()


@pytest.fixture(params=["sqlite", "postgresql"])
def runtime(request, tmp_path):
    """A runtime on each database."""
    Letters.posted.clear()
    Letters.fails.clear()
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    runtime = small_runtime(tmp_path, Letters, database_url=url)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def flow(runtime):
    with runtime.uow() as uow:
        yield Flow(runtime, uow)
