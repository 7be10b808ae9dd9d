"""A small desk on each database: people, teams, queues, one channel of letters, and hands to fill it."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.channels.checks import Step
from helpdesk.core.intake import ingest
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer, User
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import Letters
from helpdesk.testing.databases import make_tables

START = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
_numbers = count(1)


class Sealed(Letters):
    """Letters whose check tells the seal it was given."""

    def check(self):
        yield Step("The seal is %(seal)s.", {"seal": self.account.settings["seal"]})


class Small:
    """One desk for a test: ``uow`` acts for the desk itself, ``as_(user)`` for a person, ``now`` is its clock."""

    def __init__(self, runtime, session):
        self.runtime, self.session, self.now = runtime, session, START
        self.uow = runtime.uow_on(session)
        self.uow.clock = self.tick

    def tick(self):
        """Each look at the clock is a millisecond later."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def user(self, name="Sara", role="agent", queues=()) -> User:
        """A person; with queues, in a team of their own that answers them."""
        person = users.add(self.uow, f"{name}-{next(_numbers)}@desk.example", name, role)
        if queues:
            team = teams.add_team(self.uow, f"Team {next(_numbers)}", [person.id])
            for queue in queues:
                present = [t.id for t in queue.teams]
                teams.change_queue(self.uow, queue.id, team_ids=[*present, team.id])
        return person

    def queue(self, name=None, target_minutes=60):
        """A queue without teams."""
        return teams.add_queue(self.uow, name or f"Queue {next(_numbers)}", target_minutes=target_minutes)

    def account(self, queue, **settings) -> Account:
        """An account of letters that fills this queue."""
        return accounts.create(
            self.uow, "letters", f"Letters {next(_numbers)}", {"address": "Desk@post.example", **settings}, queue.id
        )

    def as_(self, user: User):
        """The same desk with this person acting, by their rights of this moment."""
        return self.uow.acting(actor_for(self.session, user))

    def arrives(self, account, text="It has not come.", sender="mina", subject="My order", **more) -> Message:
        """A letter through ingest: it opens a ticket, or joins one by ``tokens`` or ``references``; its message."""
        who = Address("postal", f"{sender}@post.example", sender.title())
        inbound = Inbound(sender=who, text=text, subject=subject, external_id=f"letter-{next(_numbers)}", **more)
        decided = ingest.decide(self.uow, self.session.get(Account, account.id), inbound)
        with self.uow.writing() as session:
            raw_message = RawMessage(account_id=account.id, external_id=inbound.external_id, raw=b"", at=self.tick())
            session.add(raw_message)
            session.flush()
            assert ingest.write(self.uow, raw_message.id, decided) == "done"
        return self.session.query(Message).filter_by(raw_message_id=raw_message.id).one()

    def ticket(self, account, **more) -> Ticket:
        """A ticket that a letter opened."""
        return self.session.get(Ticket, self.arrives(account, **more).ticket_id, populate_existing=True)

    def plain_ticket(self, account, **facts) -> Ticket:
        """A row and nothing else, for lists."""
        with self.uow.writing() as session:
            customer = Customer(name=f"Customer {next(_numbers)}")
            session.add(customer)
            session.flush()
            given = {
                "queue_id": account.queue_id,
                "customer_id": customer.id,
                "account_id": account.id,
                "channel": "letters",
                "target_at": self.tick(),
            }
            ticket = Ticket(**{**given, **facts})
            session.add(ticket)
        return ticket

    def events(self, kind=None) -> list[Event]:
        """The journal, oldest first."""
        found = self.session.query(Event).order_by(Event.seq)
        return [event for event in found if kind in (None, event.kind)]


@pytest.fixture(params=["sqlite", "postgresql"])
def small(request, tmp_path):
    """A Small on SQLite and on PostgreSQL."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'hamdel.db'}" if sqlite else request.getfixturevalue("postgres_tables")
    runtime = build_runtime(Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40))
    runtime.channels["letters"] = Sealed
    if sqlite:
        make_tables(runtime.engine)
    with runtime.uow() as uow:
        yield Small(runtime, uow.session)
    runtime.engine.dispose()


@pytest.fixture
def uow(small):
    """The desk's own unit of work."""
    return small.uow
