"""An agent learns of a customer only by tickets they see or by what they typed themselves (FAULTS S9)."""

import pytest

from helpdesk.core.errors import NotFound
from helpdesk.core.outbox import new_ticket, replies
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets import customers
from helpdesk.core.tickets.models import Ticket

KNOWN, OTHER, NEW = "mina@customer.example", "private@customer.example", "nobody@customer.example"


@pytest.fixture
def desk(runtime):
    """The agent's unit of work; Mina, with two addresses, has written to another team alone."""
    with runtime.uow() as uow:
        hidden = teams.add_queue(
            uow, "Hidden", [teams.add_team(uow, "Others", [users.add(uow, "o@d.example", "O").id]).id]
        )
        with uow.writing() as session:
            mina = Customer(name="Mina Rastegar", language="fa")
            session.add(mina)
            session.flush()
            session.add_all(Identity(customer_id=mina.id, kind="email", address=address) for address in (KNOWN, OTHER))
            session.add(
                Ticket(
                    subject="x",
                    queue_id=hidden.id,
                    customer_id=mina.id,
                    account_id=1,
                    channel="email",
                    last_inbound_id=1,
                )
            )
        yield uow.acting(actor_for(uow.session, users.get(uow, 1)))


def opened(uow, address):
    return new_ticket.open_ticket(uow, 1, address, "Hello", "How are you?", undo=60)


def shown(uow, message) -> tuple:
    card = customers.card(uow, uow.session.get(Ticket, message.ticket_id).customer_id)
    return card["customer"].name, [row.address for row in card["identities"]], card["total"]


@pytest.mark.parametrize("taken_back", [False, True])
@pytest.mark.parametrize("address", [KNOWN, NEW])
def test_s9_writing_first_shows_what_was_typed_and_no_more(desk, address, taken_back):
    message = opened(desk, address)
    if taken_back:
        replies.undo(desk, message.id)
    assert shown(desk, message) == (address, [address], 0 if taken_back else 1)


def test_s9_the_mail_does_not_name_who_is_hidden(desk):
    assert [person["name"] for person in opened(desk, KNOWN).delivery.to] == [""]


def test_s9_a_hidden_customer_is_not_changed(desk):
    mina = desk.session.get(Ticket, opened(desk, KNOWN).ticket_id).customer_id
    for act in (
        lambda: customers.rename(desk, mina, "Somebody else"),
        lambda: customers.add_identity(desk, mina, "email", "mine@evil.example"),
    ):
        with pytest.raises(NotFound):
            act()
    assert desk.session.get(Customer, mina).name == "Mina Rastegar"


def test_s9_who_answers_is_known(desk):
    message = opened(desk, KNOWN)
    with desk.writing() as session:
        session.get(Ticket, message.ticket_id).last_inbound_id = message.id
    assert shown(desk, message) == ("Mina Rastegar", [KNOWN, OTHER], 1)
    customers.rename(desk, session.get(Ticket, message.ticket_id).customer_id, "Mina R.")
