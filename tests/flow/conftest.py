"""A desk that gets letters: from the door to the ticket and out again, in one process."""

import pytest

from helpdesk.core import accounts, intake, outbox, processing, teams, users
from helpdesk.core.models import Delivery, Message, Ticket
from helpdesk.core.rights import actor_for
from helpdesk.testing import Letters, front_desk, letter, small_house


class Flow:
    """Shorthand for what the tests do again and again."""

    def __init__(self, house, desk):
        self.house, self.desk, self.session = house, desk, desk.session
        self.account = front_desk(desk, "letters")
        self.queue = accounts.get(desk, self.account).queue_id
        self.agent = users.add(desk, "agent@desk.example", "Sara", "agent")
        teams.set_members(desk, 1, [self.agent.id])
        self.as_agent = desk.acting(actor_for(desk.session, self.agent))

    def arrive(self, *parcels, account=None):
        for parcel in parcels:
            intake.accept(self.desk, account or self.account, parcel)
        processing.drain(self.desk)
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
        outbox.work(self.desk)
        self.session.expire_all()

    def tell(self):
        """Let plugins hear the journal, as the worker does."""
        from helpdesk.worker import Worker

        worker = Worker(self.house, self.house.bell)
        for name in self.house.hooks.listeners("on_event"):
            while worker._tell(self.desk, name):
                pass
        self.session.expire_all()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    """A house on each database."""
    Letters.posted.clear()
    Letters.fails.clear()
    url = request.getfixturevalue("postgres_tables") if request.param == "postgresql" else ""
    house = small_house(tmp_path, Letters, database_url=url)
    yield house
    house.engine.dispose()


@pytest.fixture
def flow(house):
    with house.desk() as desk:
        yield Flow(house, desk)
