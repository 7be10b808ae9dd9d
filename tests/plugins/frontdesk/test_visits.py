"""Numbers: taken, waited with, called, served and missed; one customer and one ticket each, until they prove more."""

import pytest

from helpdesk.api import customers, intake, tickets, waiting
from helpdesk.api._calls import writes
from helpdesk.api.errors import Conflict, Invalid
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from plugins.frontdesk import visits
from plugins.frontdesk.tables import Visit

TOPIC = "Return something | بازگرداندن کالا"


@pytest.fixture
def take(runtime, account, work):
    """take() is the id of a visit whose ticket is there."""

    def make(**more):
        with runtime.uow() as uow:
            visit = visits.take_number(uow.acting(visits.ACTOR), account, TOPIC, "fa", **more).id
        work()
        return visit

    return make


def state(uow, visit_id):
    uow.session.rollback()
    return visits.get(uow, visit_id).state


def test_a_number_is_a_ticket_and_a_place_in_the_line(take, as_):
    first, second = take(), take()
    agent = as_("agent")
    one, two = visits.get(agent, first), visits.get(agent, second)
    assert (one.number, two.number, one.state) == (1, 2, "waiting") and one.ticket_id != two.ticket_id
    ticket = tickets.get(agent, one.ticket_id)
    assert ticket.subject == "بازگرداندن کالا" and ticket.channel == "frontdesk"
    message = agent.session.query(Message).filter_by(ticket_id=one.ticket_id).one()
    assert message.form == "visit"
    assert [entry.ticket_id for entry in waiting.line(agent, kind="frontdesk")] == [one.ticket_id, two.ticket_id]
    assert [visits.place(agent, row).position for row in (one, two)] == [1, 2]


def test_a_counter_calls_serves_and_finishes(take, as_, account, work):
    first, second = take(), take()
    agent = as_("agent")
    visit = visits.call_next(agent, account.id, "2")
    assert (visit.id, visit.counter, visit.state) == (first, "2", "called")
    assert tickets.get(agent, visit.ticket_id).assignee_id == agent.actor.user_id
    with pytest.raises(Conflict):
        visits.call_next(agent, account.id, "2")
    before = visit.last_call_at
    visits.call_again(agent, first)
    assert visits.get(agent, first).last_call_at >= before
    visits.finish(agent, first, "solved", "The vase is sound.")
    work()
    assert state(agent, first) == "served" and tickets.get(agent, visit.ticket_id).status == "solved"
    assert waiting.of_ticket(agent, visit.ticket_id)[0].outcome == "solved"
    visits.call_next(agent, account.id, "2")
    visits.missed(agent, second)
    work()
    assert state(agent, second) == "no_show" and visits.call_next(agent, account.id, "2") is None
    told = visits.figures(agent, account.id, visit.joined_at)
    assert (told["served"], told["no_shows"]) == (1, 1) and told["service"] is not None


def test_two_counters_never_call_the_same_number(take, as_, account):
    take(), take()
    assert visits.call_next(as_("agent"), account.id, "1").id != visits.call_next(as_("supervisor"), account.id, "2").id


def test_only_who_serves_somebody_finishes_with_them(take, as_, account):
    first = take()
    visits.call_next(as_("agent"), account.id, "1")
    for act in (visits.call_again, visits.missed, lambda uow, visit: visits.finish(uow, visit, "solved")):
        with pytest.raises(Conflict):
            act(as_("supervisor"), first)
    with pytest.raises(Invalid):
        visits.finish(as_("agent"), first, "vanished")


def test_what_others_do_to_the_line_is_followed(take, as_, account, work):
    first, second = take(), take()
    agent = as_("agent")
    waiting.accept(agent, visits.get(agent, first).entry_id)
    work()
    assert state(agent, first) == "called"
    waiting.give(agent, visits.get(agent, first).entry_id, queue_id=account.queue_id)
    waiting.leave(agent, visits.get(agent, second).entry_id)
    work()
    assert (state(agent, first), state(agent, second)) == ("waiting", "left")


def test_a_number_typed_at_the_kiosk_joins_nobody_until_it_is_proved(take, as_, runtime, account, arrives, work):
    visit_id = take(phone="۰۹۱۲ ۱۲۳ ۴۵۶۷")
    agent = as_("agent")
    visit = visits.get(agent, visit_id)
    assert visit.phone == "+989121234567" and not agent.session.query(Identity).filter_by(kind="phone").count()
    assert agent.session.get(Ticket, visit.ticket_id).customer_id == visit.customer_id
    customers.add_identity(agent, visit.customer_id, "phone", visit.phone)
    assert customers.owner_of(agent.session, "phone", visit.phone) == visit.customer_id


def test_what_is_no_topic_or_no_telephone_number_is_refused(runtime, account):
    with runtime.uow() as uow:
        uow = uow.acting(visits.ACTOR)
        for given in ({"topic": "Anything"}, {"topic": TOPIC, "phone": "12"}):
            with pytest.raises(Invalid):
                visits.take_number(uow, account, language="en", **given)
        assert not uow.session.query(Visit).count()


def test_a_customer_is_erased_with_what_their_visits_say(take, runtime, as_):
    visit_id = take(phone="09121234567")
    customer = visits.get(as_("admin"), visit_id).customer_id
    with runtime.uow() as uow:
        assert (
            runtime.hooks.call_plugin("frontdesk", "export_customer", customer_id=customer, uow=uow)[0]["number"] == 1
        )
        runtime.hooks.call_plugin("frontdesk", "erase_customer", customer_id=customer, uow=uow)
        uow.session.expire_all()
        assert (visits.get(uow, visit_id).phone, visits.get(uow, visit_id).customer_id) == ("", None)


def test_a_number_whose_message_could_not_be_kept_was_not_given(account, as_, take, monkeypatch):
    @writes
    def killed(*_given):
        raise KeyboardInterrupt

    agent = as_("agent")
    with monkeypatch.context() as patched:
        patched.setattr(intake, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            visits.take_number(agent.acting(visits.ACTOR), account, TOPIC, "fa")
    assert not visits.there(agent, account.id)
    first = take()
    agent.session.rollback()
    assert visits.get(agent, first).number == 1
