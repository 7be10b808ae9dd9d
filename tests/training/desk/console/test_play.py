"""A scenario in the real console: a ticket that is played, seen by few, and in no figure of the desk."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.api import messages, tickets
from helpdesk.api.errors import Invalid, NotFound
from helpdesk.core.intake import intake
from helpdesk.core.tickets import ticket_lists
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.waiting import line
from helpdesk.testing import Letters, front_desk, letter
from training import practice
from training.console import play
from training.tables import ConsoleRun

from .conftest import answer, begun, passes


def test_a_scenario_is_played_in_the_console(desk, hash_):
    console = begun(desk, hash_, form="mail")
    ticket = tickets.get(desk.as_("sara"), console.ticket_id)
    assert (ticket.assignee_id, ticket.channel) == (desk.people["sara"].id, "practice") and ticket.subject
    opening = messages.of_ticket(desk.as_("sara"), console.ticket_id)
    assert len(opening) == 1 and opening[0].kind == "in" and opening[0].author.endswith(" · practice")
    answer(desk, console, "I understand. What was it for?")
    answer(desk, console, "I will send you a new copy myself")
    desk.now += timedelta(seconds=130)  # the customer's patience has an end
    passes(desk)
    answer(desk, console, "Is there anything else?")
    said = messages.of_ticket(desk.as_("sara"), console.ticket_id, notes=True)
    run = practice.get(desk.as_("sara"), console.run_id)
    heard = [message.text for message in said if message.kind == "in"]
    assert heard == [event.text for event in run.run.events if type(event).__name__ == "Said"]
    assert run.run.turns == 3 and run.run.end and said[-1].kind == "note" and "100" in said[-1].text
    before = len(said)
    passes(desk)
    assert len(messages.of_ticket(desk.as_("sara"), console.ticket_id, notes=True)) == before
    late = messages.reply(desk.as_("sara"), console.ticket_id, "Hello?")
    passes(desk)
    assert messages.delivery(desk.as_("sara"), late.id).state == "failed"


def test_a_reply_is_one_turn_however_often_it_is_handed_over(desk, hash_):
    console = begun(desk, hash_)
    sent = messages.reply(desk.as_("sara"), console.ticket_id, "I understand. What was it for?")
    given = desk.uow.session.scalars(select(Delivery).where(Delivery.message_id == sent.id)).one().external_id
    itself = play._itself(desk.uow)
    play.turn(itself, f"run-{console.run_id}", given)
    play.turn(itself, f"run-{console.run_id}", given)  # a worker that died before it said so
    desk.uow.session.execute(ConsoleRun.__table__.update().values(told=0))  # nor that it had told
    desk.uow.session.commit()
    passes(desk)
    assert messages.delivery(desk.as_("sara"), sent.id).state == "sent"
    run = practice.get(desk.as_("sara"), console.run_id)
    heard = [one for one in messages.of_ticket(desk.as_("sara"), console.ticket_id) if one.kind == "in"]
    said = [event.text for event in run.run.events if type(event).__name__ == "Said"]
    assert run.run.turns == 1 and [one.text for one in heard] == said


def test_who_sees_it_and_that_it_stays_apart(desk, hash_):
    console = begun(desk, hash_)
    account, ticket_id = play.account(desk.uow), console.ticket_id
    assert tickets.get(desk.as_("negar"), ticket_id).id == ticket_id  # who reviews
    with pytest.raises(NotFound):
        tickets.get(desk.as_("nima"), ticket_id)
    for name in ("sara", "negar"):
        assert [row["id"] for row in ticket_lists.page(desk.as_(name), "simulated").items] == [ticket_id]
    assert ticket_lists.page(desk.as_("nima"), "simulated").items == []
    front = front_desk(desk.uow, "letters")
    intake.accept(desk.uow, front, letter("A real question", "r-1"))
    passes(desk)
    real = desk.uow.session.scalars(select(Ticket).where(Ticket.account_id == front)).one()
    desk.uow.session.rollback()
    for mixed in (
        lambda: tickets.merge(desk.uow, ticket_id, real.id),
        lambda: tickets.merge(desk.uow, real.id, ticket_id),
        lambda: tickets.change(desk.uow, ticket_id, queue_id=real.queue_id),
        lambda: messages.reply(desk.uow, ticket_id, "Hi", account_id=front),
        lambda: line.join(desk.uow, "ticket", ticket_id),
    ):
        with pytest.raises(Invalid):
            mixed()
    assert not Letters.posted
    assert play.account(desk.uow).id == account.id  # made once
