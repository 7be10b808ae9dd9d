"""What the customers' mail server says, and what becomes of the delivery: rows, reasons, and what the agents see
(TRUST D12).
"""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.actor import DESK
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Outcome, Report
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.outbox import delivery_reports, outbox, replies
from helpdesk.core.tickets.message_models import Attempt, Delivery, Message
from helpdesk.core.tickets.models import Ticket

pytestmark = pytest.mark.clock

MAIL = b"From: c@customer.example\r\nTo: support@desk.example\r\nSubject: Late\r\nMessage-ID: <1@customer.example>\r\n\r\nHello\r\n"


class Sender:
    """A desk with one ticket and a reply on its way, its clock in our hands."""

    def __init__(self, uow):
        self.uow, self.session, self.ahead = uow, uow.session, timedelta(0)
        uow.clock = lambda: utcnow() + self.ahead
        intake.accept(uow, 1, RawMessage("1", MAIL, datetime.now(UTC)))
        raw_worker.drain(uow)
        replies.reply(uow, 1, "On its way")

    def send(self) -> Delivery:
        """Let what is due leave; the delivery afterwards."""
        outbox.work(self.uow)
        self.session.expire_all()
        return self.session.query(Delivery).one()

    def attempts(self) -> list[str]:
        return [attempt.outcome for attempt in self.session.query(Attempt).order_by(Attempt.id)]

    def notes(self) -> list[str]:
        return [message.text for message in self.session.query(Message).filter_by(kind="note")]


@pytest.fixture
def sender(desk):
    with desk.runtime.uow(DESK) as inside:
        yield Sender(inside)


@pytest.mark.parametrize("answer", ["421 4.3.2 Going down", "450 4.2.1 Busy", "452 4.2.2 Mailbox full"])
def test_later_is_tried_again_with_the_servers_words_kept(sender, world, answer):
    world.answers = [answer]
    delivery = sender.send()
    assert (delivery.state, delivery.tries) == ("queued", 1)
    assert answer in delivery.reason
    assert 240 < (delivery.due_at - sender.uow.clock()).total_seconds() < 360, "a greylisting server wants some minutes"
    sender.ahead += timedelta(minutes=7)
    assert sender.send().state == "sent"
    assert sender.attempts() == ["later", "sent"]
    assert (len(world.received), sender.notes()) == (1, [])


def test_a_recipient_who_is_to_come_later_is_tried_again(sender, world):
    world.recipients["c@customer.example"] = "451 4.7.1 Greylisted"
    assert sender.send().state == "queued"
    world.recipients.clear()
    sender.ahead += timedelta(minutes=7)
    assert sender.send().state == "sent"


@pytest.mark.parametrize("where", ["DATA", "RCPT"])
def test_never_is_a_note_and_the_ticket_is_its_agents_again(sender, world, where):
    said = "550 5.1.1 No such person"
    if where == "DATA":
        world.answers = [said]
    else:
        world.recipients["c@customer.example"] = said
    delivery = sender.send()
    assert (delivery.state, delivery.tries) == ("failed", 1)
    assert said in delivery.reason and said in sender.notes()[0]
    assert sender.session.get(Ticket, 1).status == "open"
    sender.ahead += timedelta(days=1)
    sender.send()
    assert (sender.attempts(), len(sender.notes())) == (["failed"], 1)


def test_a_line_that_breaks_after_the_mail_was_taken_means_one_repeat_with_the_same_id(sender, world):
    world.answers = [world.DROP]
    assert sender.send().state == "queued"
    sender.ahead += timedelta(minutes=7)
    delivery = sender.send()
    assert delivery.state == "sent"
    assert [message_id for message_id, _ in world.received] == [delivery.external_id] * 2


def test_a_server_that_is_away_for_three_days_is_given_up_on_and_said_so(sender, world):
    world.close()
    waits, began = [], sender.uow.clock()
    while (delivery := sender.send()).state == "queued":
        wait = delivery.due_at - sender.uow.clock()
        waits.append(wait.total_seconds())
        sender.ahead += wait + timedelta(seconds=1)
    world.open()
    assert delivery.state == "failed"
    assert timedelta(days=3) <= sender.uow.clock() - began < timedelta(days=3, hours=6)
    assert waits[0] < 120 and max(waits) <= 14400 * 1.25, "ever less often, at last every few hours"
    assert len({round(wait) for wait in waits[-10:]}) > 1, "never all at once"
    assert len(sender.notes()) == 1 and "127.0.0.1" in sender.notes()[0]
    replies.retry(sender.uow, delivery.id)
    assert sender.send().state == "sent"
    assert [message_id for message_id, _ in world.received] == [delivery.external_id]


PEOPLE = [Address("email", f"{name}@customer.example") for name in ("a", "b", "c")]


@pytest.fixture
def several(sender):
    """A reply to three people, the first one's reply having left."""
    sender.send()
    replies.reply(sender.uow, 1, "To all of you", to=PEOPLE)
    return sender


def last(sender) -> Delivery:
    outbox.work(sender.uow)
    sender.session.expire_all()
    return sender.session.query(Delivery).order_by(Delivery.id.desc()).first()


def test_whom_the_server_refuses_for_now_is_tried_again_alone(several, world):
    world.recipients["b@customer.example"] = "451 4.7.1 Greylisted"
    world.envelopes.clear()
    delivery = last(several)
    assert delivery.state == "queued" and set(delivery.outcomes) == {"a@customer.example", "c@customer.example"}
    world.recipients.clear()
    several.ahead += timedelta(minutes=7)
    delivery = last(several)
    assert delivery.state == "sent" and {o["state"] for o in delivery.outcomes.values()} == {"sent"}
    assert world.envelopes == [["a@customer.example", "c@customer.example"], ["b@customer.example"]]
    first, second = [mail for _id, mail in world.received[-2:]]
    assert first == second, "everybody sees the same mail, with all its recipients"
    assert several.notes() == [] and several.attempts()[-2:] == ["later", "sent"]


def test_whom_the_server_never_takes_is_named_in_a_note(several, world):
    world.recipients["b@customer.example"] = "550 5.1.1 No such person"
    delivery = last(several)
    assert delivery.state == "sent" and delivery.outcomes["b@customer.example"]["state"] == "failed"
    (note,) = several.notes()
    assert "did not reach b@customer.example: 550 5.1.1 No such person" in note
    assert several.session.get(Ticket, 1).status == "open"
    several.ahead += timedelta(days=1)
    world.envelopes.clear()
    assert last(several).state == "sent" and world.envelopes == []


def test_who_is_refused_for_three_days_is_given_up_alone(several, world):
    world.recipients["b@customer.example"] = "451 4.7.1 Greylisted"
    last(several)
    several.ahead += timedelta(days=4)
    delivery = last(several)
    assert delivery.state == "sent" and delivery.outcomes["b@customer.example"]["state"] == "failed"
    assert "b@customer.example" in several.notes()[0]


def test_sending_a_bounced_message_again_reaches_only_who_did_not_get_it(several, world):
    delivery = last(several)
    outcome = Outcome(Address("email", "b@customer.example"), "failed", "4.2.2", "mailbox full")
    with several.uow.writing():
        report = Report([outcome], references=[delivery.external_id])
        delivery_reports.enter(several.uow, 1, delivery_reports.find(several.uow, 1, report), report)
    replies.retry(several.uow, delivery.id)
    world.envelopes.clear()
    assert last(several).state == "sent" and world.envelopes == [["b@customer.example"]]
