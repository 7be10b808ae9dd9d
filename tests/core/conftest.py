"""A small desk on each database: people, teams, queues, one channel of letters, and hands to fill it."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from marshmallow import Schema, fields
from sqlalchemy import text

from helpdesk.app import build_house
from helpdesk.config import Config
from helpdesk.core import accounts, ingest, teams, users
from helpdesk.core.base import Base
from helpdesk.core.channels import Address, Channel, Inbound, Secret, Step
from helpdesk.core.database import make_engine
from helpdesk.core.models import Account, Customer, Event, Message, Parcel, Ticket, User
from helpdesk.core.rights import actor_for

START = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
_numbers = count(1)


class Letters(Channel):
    """A channel of letters that never leaves this process."""

    name, label, address = "letters", "Letters", "post"

    class Settings(Schema):
        address = fields.String()
        seal = Secret()

    def check(self):
        yield Step("The seal is %(seal)s.", {"seal": self.account.settings["seal"]})


class Small:
    """One desk for a test: ``desk`` acts for the house itself, ``as_(user)`` for a person, ``now`` is its clock."""

    def __init__(self, house, session):
        self.house, self.session, self.now = house, session, START
        self.desk = house.desk_on(session)
        self.desk.clock = self.tick

    def tick(self):
        """Each look at the clock is a millisecond later."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def user(self, name="Sara", role="agent", queues=()) -> User:
        """A person; with queues, in a team of their own that answers them."""
        person = users.add(self.desk, f"{name}-{next(_numbers)}@desk.example", name, role)
        if queues:
            team = teams.add_team(self.desk, f"Team {next(_numbers)}", [person.id])
            for queue in queues:
                present = [t.id for t in queue.teams]
                teams.change_queue(self.desk, queue.id, team_ids=[*present, team.id])
        return person

    def queue(self, name=None, promise=60):
        """A queue without teams."""
        return teams.add_queue(self.desk, name or f"Queue {next(_numbers)}", promise=promise)

    def account(self, queue, **settings) -> Account:
        """An account of letters that fills this queue."""
        return accounts.create(self.desk, "letters", f"Letters {next(_numbers)}", {"address": "Desk@post.example", **settings}, queue.id)

    def as_(self, user: User):
        """The same desk with this person acting, by their rights of this moment."""
        return self.desk.acting(actor_for(self.session, user))

    def arrives(self, account, text="It has not come.", sender="mina", subject="My order", **more) -> Message:
        """A letter through ingest: it opens a ticket, or joins one by ``tokens`` or ``references``; its message."""
        who = Address("post", f"{sender}@post.example", sender.title())
        inbound = Inbound(sender=who, text=text, subject=subject, external_id=f"letter-{next(_numbers)}", **more)
        decided = ingest.decide(self.desk, self.session.get(Account, account.id), inbound)
        with self.desk.writing() as session:
            parcel = Parcel(account_id=account.id, external_id=inbound.external_id, raw=b"", at=self.tick())
            session.add(parcel)
            session.flush()
            assert ingest.write(self.desk, parcel.id, decided) == "done"
        return self.session.query(Message).filter_by(parcel_id=parcel.id).one()

    def ticket(self, account, **more) -> Ticket:
        """A ticket that a letter opened."""
        return self.session.get(Ticket, self.arrives(account, **more).ticket_id, populate_existing=True)

    def plain_ticket(self, account, **facts) -> Ticket:
        """A row and nothing else, for lists."""
        with self.desk.writing() as session:
            customer = Customer(name=f"Customer {next(_numbers)}")
            session.add(customer)
            session.flush()
            given = {"queue_id": account.queue_id, "customer_id": customer.id, "account_id": account.id, "channel": "letters", "due_at": self.tick()}
            ticket = Ticket(**{**given, **facts})
            session.add(ticket)
        return ticket

    def events(self, kind=None) -> list[Event]:
        """The journal, oldest first."""
        found = self.session.query(Event).order_by(Event.seq)
        return [event for event in found if kind in (None, event.kind)]


@pytest.fixture(scope="session")
def postgres_tables(postgres_server):
    """The address of a database with the desk's tables, made once; who uses it leaves it empty."""
    postgres_server.psql("CREATE DATABASE core_tests")
    url = postgres_server.get_uri(database="core_tests")
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


def emptied(engine):
    """Take every row out, and begin to count anew."""
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"])
def small(request, tmp_path):
    """A Small on SQLite and on PostgreSQL."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'hamdel.db'}" if sqlite else request.getfixturevalue("postgres_tables")
    house = build_house(Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40))
    house.channels["letters"] = Letters
    if sqlite:
        Base.metadata.create_all(house.engine)
    with house.desk() as desk:
        yield Small(house, desk.session)
    if not sqlite:
        emptied(house.engine)
    house.engine.dispose()


@pytest.fixture
def desk(small):
    """The house's own desk."""
    return small.desk
