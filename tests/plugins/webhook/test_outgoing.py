"""Outgoing webhooks against a real server: signed, retried, replayed, switched off; nobody waits for a slow one."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.api.errors import Forbidden, Invalid
from helpdesk.core.events.tickets import TicketRead
from helpdesk.core.journal import journal
from helpdesk.core.people.actors import actor_for
from helpdesk.core.tickets.models import Ticket
from helpdesk.key_ring import KeyRing
from helpdesk.ops import keys
from helpdesk.security.secret_box import SecretBox
from plugins.webhook import calls, endpoints, lanes, sending
from plugins.webhook.signature import HEADER, is_genuine, sign
from plugins.webhook.tables import Call, Endpoint

from .conftest import SECRET, given
from .receiver import Receiver

T0 = datetime(2026, 11, 1, 9, tzinfo=UTC)
WORDS = ("Where is my order?", "It has not come yet.", "Mina", "mina@customer.example")


def at(uow, **later):
    """Let it be so much after T0."""
    moment = T0 + timedelta(**later)
    uow.clock = lambda: moment
    return uow


def waiting(uow, endpoint, number=1):
    """A call that waits since T0, as an event would write it."""
    row = endpoints.get(uow, endpoint)
    row.due_at = T0
    uow.session.add(
        Call(
            **calls._fresh(row, T0),
            seq=1000 + number,
            kind="ticket.changed",
            at=T0,
            actor="system",
            ticket_id=None,
            message_id=None,
            data={},
        )
    )
    uow.session.commit()
    return uow.session.query(Call).order_by(Call.id.desc()).first()


def fresh(uow, row):
    uow.session.expire_all()
    return uow.session.get(type(row), row.id)


# What is told ---------------------------------------------------------------------------------------------------------


def test_an_event_is_told_once_signed_and_without_a_customers_words(endpoint, receiver, arrives, tell, send, uow):
    ticket = arrives()
    tell()
    tell(again=True)
    send()
    ((headers, body),) = receiver.taken
    told = json.loads(body)
    assert (told["event"]["kind"], told["event"]["ticket"]) == ("ticket.opened", ticket)
    assert told["ticket"]["id"] == ticket and told["ticket"]["status"] == "open" and "sla" in told["ticket"]
    assert not any(word in body.decode() for word in WORDS)
    stamp = int(headers[HEADER].split(",")[0][2:])
    assert headers[HEADER] == sign(SECRET, body, stamp) and is_genuine(headers[HEADER], SECRET, body, stamp)
    assert headers["X-Hamdel-Event"] == "ticket.opened"
    call = uow.session.query(Call).one()
    assert (call.state, call.status, call.tries, call.answer) == ("sent", 200, 1, "thanks")


def test_with_words_the_message_is_told_too(uow, receiver, arrives, tell, send):
    endpoints.add(uow, given(receiver, words=True, patterns=["*"]))
    arrives()
    tell()
    send()
    told = next(json.loads(body) for _h, body in receiver.taken if json.loads(body)["event"]["kind"] == "ticket.opened")
    assert told["ticket"]["subject"] == WORDS[0] and told["message"]["text"].strip() == WORDS[1]


@pytest.mark.parametrize(
    ("patterns", "kind", "told"),
    [
        (["ticket.*"], "ticket.opened", True), (["ticket.*"], "message.received", False), (["*"], "sla.missed", True),
        (["ticket.opened"], "ticket.opened", True), (["ticket.opened"], "ticket.opened2", False),
    ],
)  # fmt: skip
def test_patterns_name_events(uow, receiver, patterns, kind, told):
    endpoints.add(uow, given(receiver, patterns=patterns))
    assert bool(endpoints.told_of(uow, kind)) is told


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://shop.example"}, {"url": "https://"}, {"url": "javascript:alert(1)"}, {"patterns": []},
        {"patterns": ["ticket.* or so"]}, {"name": " "}, {"secret": "short"}, {"secret": "$env:HELPDESK_SECRET_KEY"},
        {"secret": "$file:/etc/passwd12"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_field(uow, receiver, wrong):
    with pytest.raises(Invalid) as told:
        endpoints.add(uow, given(receiver, **wrong))
    assert set(told.value.fields) == set(wrong) and not uow.session.query(Endpoint).count()


def test_only_who_may_changes_them(runtime, people, endpoint):
    with runtime.uow() as uow:
        uow = uow.acting(actor_for(uow.session, people["supervisor"], runtime.permissions))
        for act in (
            endpoints.listed,
            lambda uow: calls.ping(uow, endpoint),
            lambda uow: endpoints.delete(uow, endpoint),
        ):
            with pytest.raises(Forbidden):
                act(uow)


# An endpoint that fails -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ({"fail": "down"}, None, "does not answer"), ({"status": 500}, 500, "answered"), ({"status": 404}, 404, "answered"),
        ({"status": 307, "headers": {"Location": "http://169.254.169.254/latest"}}, 307, "final address"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_tried_again_with_growing_waits(uow, endpoint, receiver, how, status, reason):
    call, waits = waiting(uow, endpoint), []
    vars(receiver).update(how)
    for _try in range(3):
        due = max(fresh(uow, call).due_at, endpoints.get(uow, endpoint).due_at)
        uow.clock = lambda due=due: due
        assert not sending.work(uow, endpoint)
        call = fresh(uow, call)
        assert (call.state, call.status) == ("waiting", status) and reason in call.reason
        waits.append((call.due_at - due).total_seconds())
    assert waits == list(sending.WAITS[:3]) and len(receiver.taken) == 3
    vars(receiver).update(fail="", status=200)
    due = max(call.due_at, endpoints.get(uow, endpoint).due_at)
    uow.clock = lambda: due
    assert sending.work(uow, endpoint) and fresh(uow, call).state == "sent"
    assert endpoints.get(uow, endpoint).failing_since is None
    assert not endpoints.check_health(uow)


def test_it_waits_as_long_as_it_is_asked_to_and_others_are_left_alone(uow, endpoint, receiver):
    first, second = waiting(uow, endpoint), waiting(uow, endpoint, 2)
    receiver.status, receiver.headers = 429, {"Retry-After": "900"}
    assert not sending.work(at(uow), endpoint) and not sending.work(at(uow, minutes=14), endpoint)
    assert len(receiver.taken) == 1, "an endpoint that asks for time gets it"
    assert (fresh(uow, first).due_at - T0).total_seconds() == 900 and fresh(uow, second).tries == 0


def test_after_the_last_try_it_is_given_up_and_can_be_told_again(uow, endpoint, receiver):
    call = waiting(uow, endpoint)
    call.tries = len(sending.WAITS)
    uow.session.commit()
    receiver.status = 500
    sending.work(at(uow), endpoint)
    assert fresh(uow, call).state == "failed"
    receiver.status = 200
    calls.replay(at(uow, hours=1), call.id)
    assert sending.work(uow, endpoint) and fresh(uow, call).state == "sent"


def test_a_sender_that_died_is_followed_by_another(uow, endpoint, receiver):
    call = waiting(uow, endpoint)
    assert sending._claim(at(uow), endpoint).id == call.id
    assert sending._claim(at(uow), endpoint) is None, "two lanes never send the same call"
    assert not sending.work(at(uow, seconds=60), endpoint) and not receiver.taken
    assert sending.work(at(uow, seconds=91), endpoint) and len(receiver.taken) == 1


def test_after_a_week_it_is_switched_off_with_word_to_the_admin(uow, endpoint, receiver, runtime):
    receiver.status = 500
    call = waiting(uow, endpoint)
    for day in (0, 6.9, 7.1):
        fresh(uow, call).due_at = T0
        uow.session.commit()
        sending.work(at(uow, days=day), endpoint)
        assert endpoints.get(uow, endpoint).active is (day < 7)
    row = endpoints.get(uow, endpoint)
    assert "a week" in row.off_reason and fresh(uow, call).state == "held"
    assert journal.after(uow, 0)[-1].kind == "webhook.switched_off"
    assert "Shop" in str(endpoints.check_health(uow))
    assert any("a week" in str(fault) for fault in runtime.hooks.plugins["webhook"].faults)
    receiver.status = 200
    endpoints.switch(uow, endpoint, True)
    assert not sending.work(uow, endpoint), "what was held waits for somebody's word"
    assert calls.replay_since(uow, endpoint, T0) == 1 and sending.work(uow, endpoint)
    assert endpoints.check_health(uow) is None


def test_gone_switches_it_off_at_once(uow, endpoint, receiver):
    waiting(uow, endpoint)
    receiver.status = 410
    sending.work(at(uow), endpoint)
    assert not endpoints.get(uow, endpoint).active and "gone" in endpoints.get(uow, endpoint).off_reason


def test_while_it_is_off_events_are_held(uow, endpoint, receiver, arrives, tell, send):
    endpoints.switch(uow, endpoint, False)
    arrives()
    tell()
    send()
    assert not receiver.taken and calls.count(uow, endpoint, "held") == 1


def test_an_answer_without_end_costs_nothing(uow, endpoint, receiver):
    receiver.fail, receiver.answer = "endless", "“سلام”\n\x00".encode() * 400
    call = waiting(uow, endpoint)
    assert sending.work(at(uow), endpoint)
    call = fresh(uow, call)
    assert call.state == "sent" and 0 < len(call.answer) <= sending.KEPT and "\x00" not in call.answer


def test_a_private_address_is_not_called(uow):
    closed = Receiver()
    try:
        endpoint, _secret = endpoints.add(uow, given(closed))
        call = waiting(uow, endpoint)
        sending.work(at(uow), endpoint)
        assert not closed.taken and "does not connect" in fresh(uow, call).reason
    finally:
        closed.close()


def test_a_slow_endpoint_delays_nobody(uow, endpoint, receiver, own_machine, monkeypatch):
    other = Receiver()
    other.fail = "slow"
    try:
        slow, _secret = endpoints.add(uow, given(other, name="Slow"))
        for number in range(3):
            waiting(uow, endpoint, number), waiting(uow, slow, number)
        made = lanes.Lanes(threading.Event())
        held, quick = made.open()[::-1] if endpoint < slow else made.open()
        quick.join(10)
        assert len(receiver.taken) == 3 and held.is_alive() and len(other.taken) == 1
        assert not made.open(), "an endpoint has one lane"
        other.let_go.set()
        held.join(10)
        assert len(other.taken) == 3
    finally:
        other.close()


# Secrets, and what is kept --------------------------------------------------------------------------------------------


def test_a_secret_is_sealed_and_sealed_anew_with_a_new_key(uow, endpoint, runtime):
    before, ring = endpoints.get(uow, endpoint).secret, KeyRing(runtime.config.secret_key).rotated(T0)
    assert SECRET not in before
    uow.session.rollback()
    assert keys._seal_anew(runtime, ring).anew == 1
    uow.session.expire_all()
    assert SecretBox(ring.current).open(endpoints.get(uow, endpoint).secret) == SECRET


def test_old_calls_and_deleted_endpoints_are_forgotten(uow, endpoint):
    waiting(uow, endpoint)
    new = waiting(uow, endpoint, 2)
    fresh(uow, new).at = T0 + timedelta(days=20)
    uow.session.commit()
    kept = new.id
    calls.forget(at(uow, days=31))
    assert [row.id for row in uow.session.query(Call)] == [kept]
    endpoints.delete(uow, endpoint)
    calls.forget(uow)
    uow.session.expire_all()
    assert not uow.session.query(Call).count() and not uow.session.query(Endpoint).count()


@pytest.mark.clock
def test_what_was_answered_about_an_erased_customer_is_blanked(uow, endpoint, receiver, arrives, tell, send, runtime):
    arrives()
    tell()
    receiver.answer = b"Thank you for: Where is my order?"
    send()
    about = waiting(uow, endpoint)
    about.data, about.answer = {"customer": 10**6}, "Mina's card"
    uow.session.commit()
    ticket = uow.session.query(Ticket).one()
    for customer, left in ((ticket.customer_id, {"Mina's card"}), (10**6, set())):
        assert {call.answer for call in uow.session.query(Call)} - {""}
        runtime.hooks.call_plugin("webhook", "erase_customer", customer_id=customer, uow=uow)
        assert {call.answer for call in uow.session.query(Call)} - {""} == left
    assert all(call.state == "sent" for call in uow.session.query(Call) if call.ticket_id), "the log itself stays"


def test_reading_marks_are_events_too(uow, endpoint, runtime):
    assert TicketRead.kind in runtime.events and endpoints.told_of(uow, TicketRead.kind)
