"""The small defaults: the language of a message, the signature, chats without threads, what did not arrive."""

import pytest
from sqlalchemy import update

from helpdesk.api import customers, messages, settings
from helpdesk.app import create_app
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.outbox import outbox
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets import saved_views
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.tickets.models import Ticket
from helpdesk.runtime.worker import Worker
from helpdesk.testing import Letters, front_desk, letter, small_runtime
from helpdesk.web.kit.parts import fill_columns


class Texts(Letters):
    """Letters that are written as in a chat."""

    name, label, interactive = "texts", "Texts", True


@pytest.fixture
def desk(tmp_path):
    """A unit of work of a desk with an account of letters."""
    Letters.posted.clear()
    runtime = small_runtime(tmp_path, Letters, Texts)
    with runtime.uow() as uow:
        yield uow
    runtime.engine.dispose()


def arrives(uow, account, text="Where is it?", sender="mina", **more):
    """A letter; the ids of all tickets, the newest last."""
    intake.accept(uow, account, letter(text, sender=sender, **more))
    raw_worker.drain(uow)
    uow.session.rollback()
    return [ticket.id for ticket in uow.session.query(Ticket).order_by(Ticket.id)]


@pytest.mark.parametrize(
    ("text", "language"), [("سلام، بسته‌ام نرسید", "fa"), ("It has not come", "en"), ("12345", ""), ("Привет", "")]
)
def test_the_language_is_that_of_the_letters(desk, text, language):
    arrives(desk, front_desk(desk, "letters"), text)
    assert desk.session.query(Customer).one().language == language


def test_what_the_channel_knows_of_the_language_stands(desk):
    arrives(desk, front_desk(desk, "letters"), "Merhaba", language="tr")
    assert desk.session.query(Customer).one().language == "tr"


def test_a_signature_stands_below_in_the_language_of_the_customer(desk):
    (first,) = arrives(desk, front_desk(desk, "letters"), subject="My order")
    settings.write(desk, "signature", {"en": "Yours,\nthe <desk>", "fa": "با احترام"})
    messages.reply(desk, first, "Tomorrow.", html="<p>Tomorrow.</p>")
    outbox.work(desk)
    said = Letters.posted[-1]
    assert said.text == "Tomorrow.\n\nYours,\nthe <desk>"
    assert said.html.endswith("<p>Yours,<br>the &lt;desk&gt;</p>")


def test_without_a_signature_a_message_is_as_it_was_written(desk):
    (first,) = arrives(desk, front_desk(desk, "letters"), subject="My order")
    messages.reply(desk, first, "Tomorrow.")
    outbox.work(desk)
    assert Letters.posted[-1].text == "Tomorrow."


def test_what_is_written_in_a_chat_joins_the_open_ticket(desk):
    chat = front_desk(desk, "texts")
    first = arrives(desk, chat)
    assert arrives(desk, chat, "Are you there?") == first
    assert len(arrives(desk, chat, "Me too", sender="ali")) == 2, "somebody else has a ticket of their own"
    assert len(arrives(desk, chat, "Forged", authentic=False)) == 3
    with desk.writing() as session:
        session.execute(update(Ticket).values(status="closed"))
    assert len(arrives(desk, chat, "Something new")) == 4


def test_letters_that_name_nothing_stay_apart(desk):
    account = front_desk(desk, "letters")
    arrives(desk, account)
    assert len(arrives(desk, account, "Another thing")) == 2


def test_a_list_marks_what_did_not_reach_the_customer(desk):
    account = front_desk(desk, "letters")
    arrives(desk, account)
    first, second = arrives(desk, account, "Another thing", sender="ali")
    for ticket_id in (first, second):
        messages.reply(desk, ticket_id, "Tomorrow.")
    with desk.writing() as session:
        session.execute(update(Delivery).where(Delivery.message.has(ticket_id=second)).values(state="bounced"))
    assert messages.undelivered(desk, [first, second]) == {second}
    app = create_app(runtime=desk.runtime)
    with app.test_request_context():
        rows = fill_columns(desk, [{"id": first}, {"id": second}])
    assert [list(row.get("columns", {})) for row in rows] == [[], ["undelivered.undelivered"]]
    arrives(desk, account, "Are you there?", sender="ali", thread="", references=[])
    with desk.writing() as session:
        session.execute(update(Ticket).values(last_inbound_id=10**6))
    assert messages.undelivered(desk, [first, second]) == set(), "the customer has written since"


def test_saved_views_follow_two_customers_who_are_one(desk):
    account = front_desk(desk, "letters")
    arrives(desk, account)
    arrives(desk, account, "It is me", sender="mina from work")
    gone, stays = (row.id for row in desk.session.query(Customer).order_by(Customer.id))
    wanted = {"all": [{"condition": "customer", "value": [gone]}, {"condition": "status", "value": ["open"]}]}
    person = users.add(desk, "agent@desk.example", "Sara", "agent")
    teams.set_members(desk, 1, [person.id])
    view_id = saved_views.create(desk.acting(actor_for(desk.session, person)), "Hers", wanted).id
    worker = Worker(desk.runtime, desk.runtime.notifier)
    while worker._announce(desk, "conditions"):
        pass
    customers.merge(desk, gone, stays)
    while worker._announce(desk, "conditions"):
        pass
    desk.session.expire_all()
    view = desk.session.get(type(saved_views.known(desk.acting(actor_for(desk.session, person)))[0]), view_id)
    assert view.conditions["all"][0]["value"] == [stays] and view.conditions["all"][1] == wanted["all"][1]
