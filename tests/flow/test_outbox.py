"""The outbox: queued with the reply, sent once, tried again, given up where everybody sees it."""

from datetime import timedelta

import pytest

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Outcome, Report
from helpdesk.core.errors import Conflict, Invalid, Misconfigured, NotFound, Refused, TryAgain, Undeliverable
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Identity
from helpdesk.core.settings import registry as settings
from helpdesk.core.tickets.message_models import Attempt, Delivery
from helpdesk.i18n import LOCALES, reading, render_stored
from helpdesk.testing import Letters


def later(flow, **time):
    """Let the desk's clock run ahead."""
    now = flow.uow.clock() + timedelta(**time)
    flow.uow.clock = lambda: now


def test_a_reply_leaves_with_what_it_answers(flow):
    flow.write("Where is it?", subject="Late", language="fa")
    message = replies.reply(flow.as_agent, 1, "On its way.")
    flow.send()
    (sent,) = Letters.posted
    assert (sent.text, sent.subject, sent.sender_name, sent.language) == ("On its way.", "Late", "Sara", "fa")
    assert sent.to == [Address("postal", "mina", "Mina")]
    assert sent.in_reply_to == flow.messages()[0].external_id
    assert sent.external_id == message.external_id
    assert sent.token and sent.external_id.startswith(sent.token)
    assert [text for _who, _at, text in sent.history] == ["Where is it?"]
    (delivery,) = flow.deliveries()
    assert (delivery.state, delivery.tries) == ("sent", 1)
    assert (flow.tickets()[0].status, flow.tickets()[0].assignee_id) == ("waiting", flow.agent.id)


def test_notes_never_leave(flow):
    flow.write("Hello")
    replies.note(flow.as_agent, 1, "He is always like this")
    replies.reply(flow.as_agent, 1, "Hello!")
    flow.send()
    assert "always" not in repr(Letters.posted)


@pytest.mark.clock
@pytest.mark.parametrize("error", [TryAgain("busy"), Misconfigured("wrong password"), RuntimeError("a bug")])
def test_a_passing_fault_is_tried_again_later_with_the_same_id(flow, error):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    Letters.fails.append(error)
    flow.send()
    (delivery,) = flow.deliveries()
    assert (delivery.state, delivery.tries) == ("queued", 1)
    assert 40 <= (delivery.due_at - flow.uow.clock()).total_seconds() <= 80
    flow.send()
    assert not Letters.posted, "not before its time"
    later(flow, minutes=2)
    flow.send()
    assert Letters.posted[0].external_id == delivery.external_id
    assert [a.outcome for a in flow.session.query(Attempt)] == ["later", "sent"]


@pytest.mark.parametrize("error", [Refused("no"), Undeliverable("There is no queue named %(name)s.", name="box 9")])
def test_a_final_failure_is_a_note_on_the_ticket_and_its_agents_again(flow, error):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    Letters.fails.append(error)
    flow.send()
    assert flow.deliveries()[0].state == "failed"
    note = flow.messages(1)[-1]
    assert note.kind == "note"
    assert str(error) in note.text
    assert (
        render_stored(note.details["reason"])
        == render_stored(flow.deliveries()[0].reason)
        == render_stored(flow.session.query(Attempt).one().detail)
        == str(error)
    )
    with reading(LOCALES["fa"]):
        assert ("box" in render_stored(note.details["reason"])) == (
            "box" in str(error)
        ) and "queue" not in render_stored(note.details["reason"])
    assert flow.tickets()[0].status == "open"
    assert flow.tickets()[0].target_at.year != 9999, "its target runs again, so that it stands among the others"
    failed = [e for e in flow.session.query(Event) if e.kind == "delivery.failed"]
    assert (failed[0].data["before"]["status"], failed[0].data["after"]["status"]) == ("waiting", "open")
    replies.retry(flow.as_agent, flow.deliveries()[0].id)
    flow.send()
    assert flow.deliveries()[0].state == "sent"


@pytest.mark.clock
def test_three_days_then_never_again(flow):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    for _try in range(60):
        Letters.fails[:] = [TryAgain("busy")]
        flow.send()
        if flow.deliveries()[0].state == "failed":
            break
        flow.uow.clock = (lambda due: lambda: due)(flow.deliveries()[0].due_at)
    (delivery,) = flow.deliveries()
    assert delivery.state == "failed"
    assert timedelta(days=3) <= flow.uow.clock() - delivery.created_at < timedelta(days=3, hours=6)
    assert 15 < delivery.tries < 60


@pytest.mark.clock
def test_undo_brings_the_words_back_and_sends_nothing(flow):
    flow.write("Hello")
    message = replies.reply(flow.as_agent, 1, "Oops", undo=10)
    flow.send()
    assert not Letters.posted
    assert replies.undo(flow.as_agent, message.id) == "Oops"
    flow.session.expire_all()
    later(flow, minutes=1)
    flow.send()
    assert not Letters.posted
    assert (flow.tickets()[0].status, flow.tickets()[0].preview) == ("open", "Hello")
    with pytest.raises(Conflict):
        replies.undo(flow.as_agent, message.id)


@pytest.mark.clock
def test_a_reply_for_later_bears_the_date_it_was_meant_for(flow):
    flow.write("Hello")
    monday = flow.uow.clock().replace(microsecond=0) + timedelta(days=3)
    replies.reply(flow.as_agent, 1, "Good morning", send_at=monday)
    later(flow, days=4)
    Letters.fails.append(TryAgain("busy"))
    flow.send()
    later(flow, hours=1)
    flow.send()
    assert [sent.at for sent in Letters.posted] == [monday]


def test_undo_is_too_late_once_it_left(flow):
    flow.write("Hello")
    message = replies.reply(flow.as_agent, 1, "Done")
    flow.send()
    with pytest.raises(Conflict):
        replies.undo(flow.as_agent, message.id)


def test_a_reply_to_an_old_picture_is_stopped_once(flow):
    seen = flow.write("Hello", references=["thread"]).id
    newest = flow.write("Never mind", references=["thread"]).id
    with pytest.raises(Conflict):
        replies.reply(flow.as_agent, 1, "Answer", seen=seen)
    assert replies.reply(flow.as_agent, 1, "Answer", seen=newest)


def test_nothing_to_say_or_nobody_to_say_it_to(flow):
    flow.write("Hello")
    with pytest.raises(Invalid):
        replies.reply(flow.as_agent, 1, "  \u200c\n ")
    with pytest.raises(NotFound):
        replies.reply(flow.as_agent, 99, "Hello")


@pytest.mark.clock
def test_a_bounce_is_quiet_and_marks_address_and_message(flow):
    from helpdesk.core.channels.json import to_json
    from helpdesk.core.channels.types import RawMessage

    flow.write("Hello")
    message = replies.reply(flow.as_agent, 1, "Hello!")
    flow.send()
    outcome = Outcome(Address("postal", "mina"), "failed", "5.1.1", "No such box")
    raw = __import__("json").dumps(to_json(Report([outcome], references=[message.external_id]))).encode()
    flow.arrive(RawMessage("report", raw, flow.uow.clock()))
    assert (flow.deliveries()[0].state, flow.deliveries()[0].reason) == ("bounced", "No such box")
    assert flow.tickets()[0].status == "waiting"
    assert flow.session.query(Identity).one().bounced == "5.1.1"
    assert "delivery.bounced" in [e.kind for e in flow.session.query(Event)]


# The first word back


def test_an_acknowledgement_once_in_the_customers_language(flow):
    flow.tell()
    flow.write("سلام", language="fa", references=["thread"])
    flow.write("و یک چیز دیگر", language="fa", references=["thread"])
    flow.tell()
    flow.tell()
    flow.send()
    (sent,) = Letters.posted
    assert sent.automatic
    assert "۱" in sent.text
    assert "ساعت" not in sent.text, "no clock runs without the plugin that sets targets, so no time is named"
    assert flow.tickets()[0].status == "open"


@pytest.mark.parametrize("given", [{"automatic": "reply"}, {"automatic": "bulk"}, {"automatic": "loop"}])
def test_machines_are_never_acknowledged(flow, given):
    flow.tell()
    flow.write("I am away", **given)
    flow.tell()
    flow.send()
    assert not Letters.posted


def test_nobody_is_to_carry_out_what_a_machine_says(flow, monkeypatch):
    monkeypatch.setattr(Letters, "accepts", Accepts(by_hand=True))
    flow.tell()
    flow.write("Please call me")
    flow.tell()
    assert flow.uow.session.query(Delivery).count() == 0


def test_who_forged_a_name_gets_no_answer_sent_to_it(flow):
    flow.tell()
    flow.write("It was not me", authentic=False)
    flow.tell()
    flow.send()
    assert not Letters.posted


def test_who_sent_too_much_is_told_once_for_each_message(flow):
    flow.tell()
    flow.write("A film", references=["thread"], partial=True)
    flow.tell()
    flow.write("Thanks", references=["thread"])
    flow.write("Another film", references=["thread"], partial=True, authentic=True)
    flow.tell()
    flow.tell()
    flow.send()
    flow.write("From a machine", references=["thread"], partial=True, automatic="reply")
    flow.tell()
    flow.send()
    first, second = [sent.text for sent in Letters.posted]
    assert "too large" in first and "number" in first
    assert "too large" in second and "number" not in second


def test_who_sent_too_much_is_told_although_nothing_is_acknowledged(flow):
    settings.write(flow.uow, "acknowledge", {"on": False})
    flow.tell()
    flow.write("A film", partial=True)
    flow.write("Words")
    flow.tell()
    flow.send()
    (sent,) = Letters.posted
    assert "too large" in sent.text and "number" not in sent.text


def test_two_machines_do_not_talk_for_ever(flow):
    flow.tell()
    for number in range(30):
        flow.write(f"Automatic answer {number}")
        flow.tell()
        flow.send()
    assert len(Letters.posted) == 3


def test_history_is_not_acknowledged(flow):
    from helpdesk.runtime.intake_socket import hand_over
    from helpdesk.testing import letter

    flow.tell()
    counts = hand_over(flow.runtime, "front", [letter("An old one"), letter("Another")])
    assert counts == {"received": 2, "messages": 2, "tickets": 2, "duplicates": 0, "reports": 0, "quarantined": 0}
    flow.tell()
    flow.send()
    assert not Letters.posted


@pytest.mark.clock
def test_an_account_that_cannot_send_says_so_until_it_can(flow):
    from helpdesk.core.accounts import accounts, health

    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    Letters.fails.append(Misconfigured("wrong password"))
    flow.send()
    account = accounts.get(flow.uow, flow.account)
    assert (account.fault, bool(account.fault_at)) == ("wrong password", True)
    health.note_health(flow.uow, flow.account)
    flow.session.expire_all()
    assert account.fault == "wrong password", "that it fetches says nothing of sending"
    later(flow, minutes=2)
    flow.send()
    assert account.fault == ""
