"""What a channel declares is enforced, for the composer, the API and the outbox alike, before anything is queued."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.accounts.accounts import create
from helpdesk.core.channels.accepts import Accepts, Attachments
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.outbound import Template
from helpdesk.core.errors import Conflict, Invalid, NotFound
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import by_hand, outbox, replies, ways_out
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.message_models import Attempt, Delivery
from helpdesk.testing import Letters


class Parrots(Letters):
    """Another channel, to the same people by another kind of address."""

    name, label, address = "parrots", "Parrots", "perch"
    accepts = Accepts(max_chars=20, first=True)


@pytest.fixture
def accepts(monkeypatch):
    """Let the letters accept this much."""
    return lambda **given: monkeypatch.setattr(Letters, "accepts", Accepts(**given))


@pytest.mark.clock
@pytest.mark.parametrize(
    ("given", "said", "how"),
    [
        ({"max_chars": 5}, "5 characters at most", {}),
        ({}, "no files", {"files": [File("a.txt", "text/plain", b"x")]}),
        (
            {"attachments": Attachments(types=("image/*",))},
            "files like a.txt",
            {"files": [File("a.txt", "text/plain", b"x")]},
        ),
        ({"attachments": Attachments(size=2)}, "too large", {"files": [File("a.png", "image/png", b"xxx")]}),
        (
            {"attachments": Attachments(count=1)},
            "1 at most",
            {"files": [File("a.png", content=b"x"), File("b.png", content=b"y")]},
        ),
        ({"replies": False}, "no replies", {}),
        ({"window": 24}, "only a template", {"send_at": datetime.now(UTC) + timedelta(days=3)}),
        ({}, "no public", {"visibility": "public"}),
    ],
    ids=["too long", "no files", "wrong type", "too large", "too many", "no replies", "closed window", "not public"],
)
def test_what_cannot_be_carried_is_refused_with_a_sentence(flow, accepts, given, said, how):
    flow.write("Where is it?")
    accepts(**given)
    with pytest.raises(Invalid, match=said) as refused:
        replies.reply(flow.as_agent, 1, "On its way", **how)
    assert refused.value.fields
    assert flow.session.query(Delivery).count() == 0 and len(flow.messages()) == 1


def test_what_can_be_carried_goes_out(flow, accepts):
    accepts(max_chars=10, attachments=Attachments(("text/*",), 10, 1), window=24, public=True)
    flow.write("Where is it?", thread="chat-7")
    replies.reply(
        flow.as_agent,
        1,
        "On its way",
        files=[File("a.txt", "text/plain", b"x")],
        visibility="public",
        html="<p>On its way</p>",
    )
    flow.send()
    (sent,) = Letters.posted
    assert (sent.recipient, sent.visibility, sent.thread, sent.html) == (
        Address("postal", "mina", "Mina"),
        "public",
        "chat-7",
        "",
    )
    assert flow.messages()[-1].visibility == "public"


@pytest.mark.clock
def test_a_window_that_closes_while_a_reply_waits_lets_only_templates_out(flow, accepts, monkeypatch):
    accepts(window=1)
    flow.write("Where is it?")
    replies.reply(flow.as_agent, 1, "Tomorrow")
    now = flow.uow.clock() + timedelta(hours=2)
    flow.uow.clock = flow.as_agent.clock = lambda: now
    flow.send()
    (delivery,) = flow.deliveries()
    assert delivery.state == "failed" and "template" in delivery.reason and not Letters.posted
    monkeypatch.setattr(Letters, "templates", lambda self: [Template("shipped", "en", "Order {{1}} is on its way.")])
    with pytest.raises(Invalid, match="missing"):
        replies.reply(flow.as_agent, 1, "", template={"name": "shipped"})
    with pytest.raises(Invalid, match="no template named"):
        replies.reply(flow.as_agent, 1, "", template={"name": "lost"})
    replies.reply(flow.as_agent, 1, "", template={"name": "shipped", "values": ["12"]})
    flow.send()
    assert (Letters.posted[0].text, Letters.posted[0].template["name"]) == ("Order 12 is on its way.", "shipped")


def test_a_ticket_spans_channels(flow):
    """The composer offers every address; the reply goes by the chosen account, its own limits hold, and what comes
    back joins.
    """
    flow.runtime.channels["parrots"] = Parrots
    second = create(flow.uow, "parrots", "parrots", {}, flow.queue).id
    flow.write("Where is it?", identities=[Address("perch", "polly")])
    assert [way.account.id for way in ways_out.all_of(flow.as_agent, flow.tickets()[0])] == [flow.account, second]
    with pytest.raises(Invalid, match="20 characters"):
        replies.reply(flow.as_agent, 1, "It is on its way to you now", account_id=second)
    message = replies.reply(flow.as_agent, 1, "On its way", account_id=second)
    (delivery,) = flow.deliveries()
    assert (message.account_id, delivery.account_id, delivery.to[0]["value"]) == (second, second, "polly")
    flow.send()
    known = next(i.external_id for i in message.external_ids)
    from helpdesk.testing import letter

    flow.arrive(letter("Thanks", sender=Address("perch", "polly"), references=[known]), account=second)
    assert flow.messages()[-1].ticket_id == 1 and flow.messages()[-1].account_id == second
    assert ways_out.usual(flow.uow, flow.tickets()[0]).id == second, (
        "the next answer goes where the customer wrote last"
    )
    with pytest.raises(Invalid, match="cannot be reached"):
        replies.reply(flow.as_agent, 1, "x", account_id=99)


# By hand -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def call(flow, accepts):
    """A delivery that waits for a person."""
    accepts(by_hand=True)
    flow.write("Please call me", form="call")
    replies.reply(flow.as_agent, 1, "I will explain the bill", form="call")
    (delivery,) = flow.deliveries()
    return delivery


@pytest.mark.clock
def test_the_outbox_never_claims_what_a_person_carries_out(flow, call):
    now = flow.uow.clock() + timedelta(days=2)
    flow.uow.clock = lambda: now
    assert outbox.work(flow.uow) == 0 and not Letters.posted
    assert (call.state, call.by_hand, outbox.due_accounts(flow.uow)) == ("waiting_for_person", True, [])
    assert flow.messages()[-1].form == "call"


def test_whoever_is_reached_has_it(flow, call):
    by_hand.outcome(flow.as_agent, call.id, "reached", "She understands now.")
    (delivery,) = flow.deliveries()
    (attempt,) = flow.session.query(Attempt)
    assert (delivery.state, attempt.outcome, attempt.detail) == ("sent", "reached", "She understands now.")
    assert [e.kind for e in flow.session.query(Event).order_by(Event.seq)][-2:] == ["delivery.tried", "delivery.sent"]
    with pytest.raises(Conflict):
        by_hand.outcome(flow.as_agent, call.id, "busy")


@pytest.mark.clock
def test_the_plan_says_when_to_try_again_and_when_to_give_up(flow, call):
    waits = []
    for code in ("busy", "no_answer", "voicemail"):
        before = flow.uow.clock()
        waits.append(round((by_hand.outcome(flow.as_agent, call.id, code).due_at - before).total_seconds() / 60))
    assert waits == [15, 120, 1440]
    by_hand.outcome(flow.as_agent, call.id, "busy")
    (delivery,) = flow.deliveries()
    assert delivery.state == "failed" and flow.messages()[-1].kind == "note" and flow.tickets()[0].status == "open"
    replies.retry(flow.as_agent, delivery.id)
    assert flow.deliveries()[0].state == "waiting_for_person"


@pytest.mark.clock
def test_another_time_that_was_agreed_counts_as_no_try(flow, call):
    at = flow.uow.clock() + timedelta(hours=5)
    by_hand.outcome(flow.as_agent, call.id, "promised_again", next_at=at)
    assert (flow.deliveries()[0].due_at, flow.deliveries()[0].tries) == (at, 0)
    with pytest.raises(Invalid, match="when to try again"):
        by_hand.outcome(flow.as_agent, call.id, "promised_again")
    with pytest.raises(Invalid, match="ahead"):
        by_hand.outcome(flow.as_agent, call.id, "busy", next_at=flow.uow.clock() - timedelta(hours=1))


def test_a_wrong_number_fails_at_once_and_warns_the_next(flow, call):
    by_hand.outcome(flow.as_agent, call.id, "wrong_number")
    assert flow.deliveries()[0].state == "failed"
    assert flow.session.query(Identity).filter_by(address="mina").one().bounced == "wrong_number"


def test_only_who_may_answer_the_ticket_reports_an_outcome(flow, call):
    from helpdesk.core.people import users
    from helpdesk.core.people.actors import actor_for

    other = users.add(flow.uow, "other@desk.example", "Reza", "agent")
    with pytest.raises(NotFound):
        by_hand.outcome(flow.uow.acting(actor_for(flow.session, other)), call.id, "reached")
    for code in ("", "danced"):
        with pytest.raises(Invalid):
            by_hand.outcome(flow.as_agent, call.id, code)


def test_a_single_delivery_may_be_by_hand_where_the_channel_sends(flow):
    flow.write("Please call me")
    replies.reply(flow.as_agent, 1, "At the counter", form="visit", by_hand=True)
    flow.send()
    assert flow.deliveries()[0].state == "waiting_for_person" and not Letters.posted
    replies.undo(flow.as_agent, flow.messages()[-1].id)
    assert flow.deliveries()[0].state == "withdrawn"
