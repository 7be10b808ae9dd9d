"""A small desk with one plugin that is the test's own."""

import types

import pytest

from helpdesk.api import API
from helpdesk.core import accounts, intake, processing, teams, users
from helpdesk.core.models import Event, Ticket
from helpdesk.core.rights import actor_for
from helpdesk.testing import Letters, front_desk, letter, small_house


class Shop:
    """A desk with a ticket, an agent, and a plugin named "shop" whose hooks the test gives."""

    def __init__(self, house, uow):
        self.house, self.uow = house, uow
        self.account = front_desk(uow, "letters")
        self.agent = users.add(uow, "agent@desk.example", "Sara", "agent")
        teams.set_members(uow, 1, [self.agent.id])
        intake.accept(uow, self.account, letter("Where is it?", subject="My order"))
        processing.drain(uow)
        self.ticket_id = uow.session.query(Ticket).one().id
        self.queue_id = accounts.get(uow, self.account).queue_id
        self.as_agent = uow.acting(actor_for(uow.session, self.agent, house.permissions))

    def plugin(self, **hooks):
        """Install the plugin; a hook that raises shows in ``faults``."""
        module = types.SimpleNamespace(API=API, **hooks)
        return self.house.hooks.add("shop", module)

    def faults(self):
        return self.house.hooks.plugins["shop"].faults

    def events(self, kind):
        self.uow.session.rollback()
        return self.uow.session.query(Event).where(Event.kind == kind).order_by(Event.seq).all()


@pytest.fixture
def shop(tmp_path):
    Letters.posted.clear()
    house = small_house(tmp_path, Letters)
    with house.desk() as uow:
        yield Shop(house, uow)
    house.engine.dispose()
