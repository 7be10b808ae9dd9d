"""The agent's pages: the calling screen, outcomes, starting a call in a ticket, callers; and who sees none of it."""

from datetime import timedelta

from helpdesk.api import messages
from helpdesk.core.tickets.models import Ticket
from plugins.phone import calls, promise
from plugins.phone.call_backs import CallBack
from plugins.phone.contract import event

from .conftest import SATURDAY, Contract, arrive

AT = (SATURDAY + timedelta(hours=2)).isoformat()


def asked(client, line, uow, **more):
    wish = {"when": "soon", "phone": "0912 123 4567", "name": "Mina Rastegar", "words": "The refund", **more}
    assert client.post(f"/p/phone/{line.public_key}/", data=wish, headers={"Accept-Language": "en"}).status_code == 302
    arrive(uow)
    return row(uow)


def row(uow):
    uow.session.rollback()
    uow.session.expire_all()
    return uow.session.query(CallBack).order_by(CallBack.created_at.desc()).first()


def test_an_agent_takes_calls_and_enters_what_came_of_it(client, line, uow, agent):
    key = asked(client, line, uow).key
    listed = agent.get("/x/phone/").text
    assert "Mina Rastegar" in listed and f"/x/phone/calls/{key}" in listed
    url = f"/x/phone/calls/{key}"
    page = agent.get(url).text
    assert 'href="tel:+989121234567"' in page and "The refund" in page and 'data-digit="5"' in page
    assert agent.post(f"{url}/take").status_code == 302
    assert row(uow) and uow.session.query(Ticket).one().assignee_id == agent.id
    refused = agent.post(f"{url}/outcome", note="kept note")
    assert refused.status_code == 422 and "kept note" in refused.text and row(uow).state == "waiting"
    assert agent.post(f"{url}/outcome", code="promised_again").status_code == 422
    assert agent.post(f"{url}/outcome", code="no_answer", note="27 s").status_code == 302
    assert "No answer" in agent.get(url).text and "27 s" in agent.get(url).text
    assert agent.post(f"{url}/outcome", code="reached", status="solved").status_code == 302
    promise.follow(uow, row(uow))
    assert row(uow).state == "done" and uow.session.query(Ticket).one().status == "solved"
    assert agent.post(f"{url}/outcome", code="reached").status_code == 409
    assert 'data-digit="1"' not in agent.get(url).text


def test_an_agent_promises_a_call_inside_a_ticket(client, line, uow, agent):
    Contract().take(uow, line.id, Contract().message("Where is it?", "m1", []))
    ticket = uow.session.query(Ticket).one().id
    page = agent.get(f"/tickets/{ticket}").text
    assert 'action="/x/phone/start"' in page and 'value="+989121234567"' in page
    assert agent.post("/x/phone/start", ticket=ticket, phone="09121234567", slot=AT).status_code == 302
    assert (row(uow).ticket_id, row(uow).source, row(uow).state) == (ticket, "agent", "waiting")
    assert "11:00" in agent.get(f"/tickets/{ticket}").text
    assert agent.post("/x/phone/start", ticket=ticket, phone="1").status_code == 302
    assert agent.post("/x/phone/start", ticket=999, phone="09121234567").status_code == 404
    assert uow.session.query(CallBack).count() == 1


def test_callers_are_shown_while_they_are_on_the_line(client, line, uow, agent):
    Contract().take(uow, line.id, event("waiting"))
    calls.follow_filed(uow)
    assert "0912 123 4567" in agent.get("/x/phone/?view=line").text
    assert "/x/phone/start" not in agent.get("/x/phone/?view=line").text, "nobody waits longer than the limit yet"
    early = event("waiting", at=(SATURDAY - timedelta(minutes=3)).isoformat())
    Contract().take(uow, line.id, early)
    assert "/x/phone/start" in agent.get("/x/phone/?view=line").text
    Contract().take(uow, line.id, event("missed", at="2026-03-01T10:00:30Z"))
    assert "0912 123 4567" not in agent.get("/x/phone/?view=line").text
    assert "11:00" in agent.get("/x/phone/?view=slots").text


def test_who_does_not_see_the_ticket_sees_no_call(client, line, uow, agent, stranger):
    key = asked(client, line, uow).key
    assert "Mina" not in stranger.get("/x/phone/").text
    assert stranger.get(f"/x/phone/calls/{key}").status_code == 404
    for act in ("take", "dial", "outcome"):
        assert stranger.post(f"/x/phone/calls/{key}/{act}", code="reached", device="12").status_code == 404
    assert stranger.post("/x/phone/start", ticket=row(uow).ticket_id, phone="09121234567").status_code == 404
    assert client.get(f"/api/v1/callbacks/{key}", headers=stranger.bearer).status_code == 404
    assert messages.delivery(uow, row(uow).message_id).attempts == ()
