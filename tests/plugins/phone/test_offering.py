"""Who waits too long on the telephone is offered a call-back by the system, and keeps their place in the line."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from helpdesk.api import messages, sla, waiting
from helpdesk.api.errors import Refused
from helpdesk.core.accounts import accounts as core_accounts
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal.models import Event as JournalRow
from plugins.handset.standins import asterisk_ari, clicktocall
from plugins.phone import call_backs, calls, keeping, offering, promise, requests
from plugins.phone.call_backs import CallBack
from plugins.phone.calls import Call
from plugins.phone.channel import Phone
from plugins.phone.contract import MINA, event, signed
from plugins.phone.plugin import _went_on

from .conftest import BOTH, SATURDAY, Contract, arrive
from .test_dialling import settle


def rings(uow, line, name="waiting", minutes=0, **more):
    Contract().take(uow, line.id, event(name, at=(SATURDAY + timedelta(minutes=minutes)).isoformat(), **more))
    uow.session.expire_all()
    for call in calls.follow_filed(uow):
        _went_on(uow, call)
    uow.session.expire_all()
    return uow.session.query(Call).one()


def run_job(uow):
    job = uow.session.query(Job).where(Job.kind == "phone.offer").one()
    offering.offer(uow, SimpleNamespace(args=dict(job.args)))
    uow.session.expire_all()
    return job


def offers(uow):
    return uow.session.query(JournalRow).where(JournalRow.kind == "phone.call_back_offered").all()


def test_a_caller_is_offered_a_call_back_once_after_the_limit(uow, line):
    call = rings(uow, line)
    rings(uow, line, minutes=1)
    job = run_job(uow)
    assert job.due_at == SATURDAY + timedelta(seconds=120)
    run_job(uow)
    (said,) = offers(uow)
    assert (said.ticket_id, said.data["call_id"], said.data["account"]) == (call.ticket_id, "c-1", line.id)


@pytest.mark.parametrize("then", ["answered", "missed"])
def test_who_waits_no_more_is_offered_nothing(then, uow, line):
    rings(uow, line)
    rings(uow, line, then, 1)
    run_job(uow)
    assert not offers(uow)


@pytest.mark.parametrize("kind", [clicktocall.ClickToCall, asterisk_ari.AsteriskAri], ids=["form", "asterisk"])
def test_the_telephone_system_announces_it_and_what_it_refuses_harms_nobody(kind, uow, line, own_machine):
    stand_in = kind()
    more = {"offer_url": f"{stand_in.url}/offer", "offer_body": "call={call}&to={to}", "offer_context": "hamdel-offer"}
    settle(uow, line, stand_in, **more)
    try:
        stand_in.waiting = {"c-1"}
        rings(uow, line)
        run_job(uow)
        assert stand_in.offered == ["c-1"]
        call = uow.session.query(Call).one()
        with pytest.raises(Refused):
            offering.dialling.announce(uow, call.account_id, "unknown", MINA)
    finally:
        stand_in.close()


def test_the_answer_to_a_waiting_call_says_after_how_long_it_may_be_offered(uow, line, runtime_at):
    channel = Phone(core_accounts.view(uow, core_accounts.get(uow, line.id), secrets=True))
    answers = [channel.receive(signed(event(name), "canary-secret-61")).answer for name in ("waiting", "answered")]
    assert json.loads(answers[0].body) == {"offer_call_back_after": 120} and answers[1] is None


@BOTH
def test_a_call_back_that_was_asked_for_while_waiting_keeps_its_place(uow, line):
    rings(uow, line)
    uow.clock = lambda: SATURDAY + timedelta(minutes=1)
    requests.ask(uow, line, {"phone": "09121111111"}, place="198.51.100.7", source="page")
    arrive(uow)
    uow.clock = lambda: SATURDAY + timedelta(minutes=5)
    call = rings(uow, line, "call_back_wanted", 4)
    rings(uow, line, "missed", 5)
    row = uow.session.get(CallBack, f"line-{call.id}")
    assert (row.state, row.ticket_id, row.number, row.source) == ("waiting", call.ticket_id, MINA, "line")
    assert waiting.place(uow, row.entry_id).position == 1, "who rang first is called first"
    (clock,) = sla.of_ticket(uow, row.ticket_id)
    assert clock.target_at == row.promised_at
    assert "call_back_wanted" in {call.state for call in uow.session.query(Call)}
    first = row.entry_id
    promise.again(uow, row, SATURDAY + timedelta(minutes=20), promise=False, outcome="busy")
    uow.clock = lambda: SATURDAY + timedelta(minutes=21)
    row = call_backs.get(uow, row.key)
    assert row.entry_id != first and waiting.place(uow, row.entry_id).position == 1, "after a busy line, too"


def test_a_wish_that_was_broken_off_is_kept_by_the_job(uow, line):
    call = rings(uow, line)
    Contract().take(uow, line.id, event("call_back_wanted", at=(SATURDAY + timedelta(minutes=2)).isoformat()))
    row = uow.session.get(CallBack, f"line-{call.id}")
    assert row and row.state == "waiting"
    uow.session.delete(row)
    uow.session.commit()
    keeping.keep(uow, None)
    assert uow.session.query(CallBack).count() == 1


def test_who_then_wanted_no_calls_is_not_called_for_a_wish_of_before(uow, line):
    requests.ask(uow, line, {"phone": MINA}, place="198.51.100.7", source="page")
    arrive(uow)
    (promised,) = uow.session.query(CallBack)
    message_id, key = promised.message_id, promised.key
    rings(uow, line)
    rings(uow, line, "call_back_wanted", 4)
    assert uow.session.query(CallBack).count() == 1, "they are promised a call already"
    messages.outcome(uow, messages.delivery(uow, message_id).id, "unwanted")
    promise.follow(uow, call_backs.get(uow, key))
    keeping.keep(uow, None)
    assert uow.session.query(CallBack).count() == 1


def test_who_was_reached_is_not_called_again_for_the_wish_of_their_call(uow, line):
    requests.ask(uow, line, {"phone": MINA}, place="198.51.100.7", source="page")
    arrive(uow)
    (promised,) = uow.session.query(CallBack)
    message_id, key = promised.message_id, promised.key
    rings(uow, line)
    rings(uow, line, "call_back_wanted", 4)
    messages.outcome(uow, messages.delivery(uow, message_id).id, "reached")
    promise.follow(uow, call_backs.get(uow, key))
    keeping.keep(uow, None)
    assert uow.session.query(CallBack).count() == 1


def test_who_withholds_their_number_is_promised_no_call(uow, line):
    rings(uow, line, "waiting", **{"from": ""})
    rings(uow, line, "call_back_wanted", 2, **{"from": ""})
    keeping.keep(uow, None)
    assert uow.session.query(CallBack).count() == 0
