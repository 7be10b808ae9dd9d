"""Calls that the desk dials keep a state of their own; whoever wants no calls gets none."""

from datetime import timedelta

import pytest

from helpdesk.api import messages
from helpdesk.api.channels import Address
from helpdesk.api.errors import Invalid
from helpdesk.core.journal.models import Event as JournalRow
from helpdesk.core.outbox import new_ticket, ways_out
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from plugins.handset.standins import asterisk_ari, clicktocall
from plugins.phone import call_backs, outgoing, promise, requests
from plugins.phone.calls import Call
from plugins.phone.contract import DESK, MINA, event

from .conftest import SATURDAY, Contract, arrive
from .test_dialling import settle

AT = "2026-02-28T05:3{}:00Z"


@pytest.fixture
def waiting_call(uow, line):
    """A call-back that waits on a ticket."""
    requests.ask(uow, line, {"phone": "0912 123 4567"}, place="198.51.100.7", source="page")
    arrive(uow)
    return uow.session.query(call_backs.CallBack).one()


def told(uow, line, name, call_id, minute=1, **more):
    Contract().take(uow, line.id, event(name, call_id, at=AT.format(minute), **{"from": "204", "to": MINA, **more}))
    uow.session.expire_all()


@pytest.mark.parametrize("kind", [clicktocall.ClickToCall, asterisk_ari.AsteriskAri], ids=["click", "asterisk"])
def test_a_dialled_call_rings_is_answered_and_ends_on_its_own_call_back(
    kind, client, uow, line, agent, own_machine, waiting_call
):
    key, message, stand_in = waiting_call.key, waiting_call.message_id, kind()
    settle(uow, line, stand_in)
    try:
        assert agent.post(f"/x/phone/calls/{key}/dial", device="204").status_code == 302
    finally:
        stand_in.close()
    uow.session.rollback()
    call = uow.session.query(Call).one()
    assert (call.state, call.message_id, call.outgoing) == ("dialled", message, True)
    asked = stand_in.taken[0].get("call") or stand_in.taken[0].get("channelId")
    assert call.call_id == asked and asked.startswith("hamdel-")
    told(uow, line, "ended", asked, 6, duration=240)
    told(uow, line, "answered", asked, 2, agent="204")
    told(uow, line, "ringing", asked, 1)
    call = uow.session.query(Call).one()
    assert (call.state, call.seconds, call.agent) == ("ended", 240, "204"), "in whatever order they come"
    assert "Call ended · 4:00" in agent.get(f"/x/phone/calls/{key}").text
    assert "Call ended · 4:00" in agent.get(f"/tickets/{call.ticket_id}").text
    (row,) = uow.session.query(JournalRow).where(JournalRow.kind == "phone.call_made")
    assert (row.ticket_id, row.data["talked"], row.data["seconds"]) == (call.ticket_id, True, 240)
    assert uow.session.query(Message).where(Message.kind == "in").count() == 1, "a call of ours is no message of theirs"
    assert call_backs.get(uow, key).state == "waiting", "what came of it, a person says"


def test_a_call_whose_id_nobody_told_is_the_one_dialled_lately_and_one_by_hand_joins_the_call_back(
    uow, line, waiting_call
):
    outgoing.begin(uow, waiting_call, "hamdel-1", "204", "en")
    told(uow, line, "ringing", "pbx-9", 1)
    told(uow, line, "ended", "pbx-9", 2)
    told(uow, line, "ringing", "pbx-10", 4, direction="out", **{"from": DESK})
    told(uow, line, "answered", "pbx-11", 5, to="+989350000000")
    found = {call.call_id: (call.state, call.message_id) for call in uow.session.query(Call)}
    mine = waiting_call.message_id
    assert found == {"pbx-9": ("missed", mine), "pbx-10": ("ringing", mine), "pbx-11": ("answered", None)}


def test_who_wants_no_calls_is_called_no_more_whoever_tries(client, uow, line, agent, waiting_call):
    key, ticket_id = waiting_call.key, waiting_call.ticket_id
    assert agent.post(f"/x/phone/calls/{key}/outcome", code="unwanted").status_code == 302
    uow.session.rollback()
    promise.follow(uow, call_backs.get(uow, key))
    assert call_backs.get(uow, key).state == "failed"
    assert "They want no calls" in agent.get(f"/x/phone/calls/{key}").text
    assert agent.post(f"/x/phone/calls/{key}/dial", device="204").status_code == 422
    for source in ("page", "mail", "api", "agent"):
        with pytest.raises(Invalid):
            requests.ask(uow, line, {"phone": "0098 912 1234567"}, source=source)
    with pytest.raises(Invalid):
        messages.reply(uow, ticket_id, "Call", account_id=line.id, to=[Address("phone", MINA)], form="call")
    Contract().take(uow, line.id, event("missed", "c-8"))
    theirs = uow.session.query(Ticket).order_by(Ticket.id.desc()).first()
    (way,) = [way for way in ways_out.known_to(uow, theirs) if way.account.id == line.id]
    assert way.refusal == ways_out.UNWANTED
    with pytest.raises(Invalid):
        messages.reply(uow, theirs.id, "Call", account_id=line.id, form="call")
    assert agent.post(f"/x/phone/calls/{key}/allow").status_code == 302
    uow.session.rollback()
    assert requests.ask(uow, line, {"phone": MINA}, source="agent")


def test_who_wants_no_calls_is_promised_none_by_an_answer_a_repeat_or_a_new_ticket(uow, line, waiting_call):
    ticket_id = waiting_call.ticket_id
    delivery = messages.delivery(uow, waiting_call.message_id).id
    messages.outcome(uow, delivery, "unwanted")
    with pytest.raises(Invalid):
        messages.reply(uow, ticket_id, "We call you", to=[Address("phone", MINA)], form="call")
    with pytest.raises(Invalid):
        messages.retry(uow, delivery)
    with pytest.raises(Invalid):
        new_ticket.open_ticket(uow, line.id, MINA, "A call", "We call you")


def test_another_time_is_chosen_in_the_readers_calendar(client, uow, line, agent, waiting_call):
    url = f"/x/phone/calls/{waiting_call.key}"
    page = agent.get(url, headers={"Accept-Language": "en"}).text
    assert 'value="2026-03-02" aria-label="Monday 2 March 2026"' in page and 'name="next_time"' in page
    assert (
        agent.post(f"{url}/outcome", code="promised_again", next_day="2026-03-02", next_time="25:00").status_code == 422
    )
    assert (
        agent.post(f"{url}/outcome", code="promised_again", next_day="2026-03-02", next_time="14:15").status_code == 302
    )
    uow.session.rollback()
    due = messages.delivery(uow, waiting_call.message_id).due_at
    assert due > SATURDAY + timedelta(days=1) and due.minute in (15, 45)
