"""Beginning a ticket and handing one over in the browser's words: the page, its draft, the undo, and what is said
afterwards.
"""

import io
import json
import re

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets import drafts
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket

BESIDE = {"HX-Request": "true", "HX-Target": "ticket"}
LETTER = {"account": "1", "to": "Kian Moradi <Kian@customer.example>", "subject": "Your order", "text": "It has come."}


@pytest.fixture
def mine(runtime, people):
    """mine() is the agent's own desk, as everything is now."""
    with runtime.uow() as uow:

        def now():
            uow.session.rollback()
            return uow.acting(actor_for(uow.session, people["agent"]))

        yield now


def reported(answer) -> dict:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.headers["HX-Trigger"])


# Beginning --------------------------------------------------------------------------------------------------------


def test_the_button_leads_to_the_page_alone_and_beside_its_list(agent):
    assert 'data-act="new-ticket"' in agent.get("/views/all").text
    whole, beside = agent.get("/tickets/new?in=all").text, agent.get("/tickets/new", headers=BESIDE).text
    assert whole.startswith("<!doctype html>") and 'data-view="thread"' in whole and 'data-key="all"' in whole
    assert beside.lstrip().startswith("<main")
    for page in (whole, beside):
        assert "support@desk.example" in page and 'id="opening"' in page and 'name="queue"' not in page, (
            "one queue needs no choice"
        )


def test_who_has_no_account_is_told_so(signed_in):
    assert "There is no account to write from" in signed_in("stranger").get("/tickets/new").text


def test_the_first_message_waits_for_its_undo(agent, mine):
    done = reported(agent.post("/tickets/new", {**LETTER, "files": (io.BytesIO(b"hi"), "a.txt")}))["ticket:begun"]
    message = mine().session.query(Message).filter_by(ticket_id=done["ticket"]).one()
    delivery = mine().session.query(Delivery).filter_by(message_id=message.id).one()
    assert (done["url"], done["undo"], done["seconds"]) == (
        f"/tickets/{done['ticket']}",
        f"/messages/{message.id}/undo",
        10,
    )
    assert (
        delivery.to
        == [
            {
                "kind": "email",
                "value": "kian@customer.example",
                "name": "Kian Moradi",
                "spelling": "Kian@customer.example",
            }
        ]
        and message.files[0].name == "a.txt"
    )
    assert 9 < (delivery.due_at - delivery.created_at).total_seconds() < 11
    page = agent.get(done["url"]).text
    assert "It has come." in page and "Your order" in page


def test_taken_back_everything_is_in_the_page_again(agent, mine):
    done = reported(agent.post("/tickets/new", LETTER))["ticket:begun"]
    assert reported(agent.post(done["undo"]))["ticket:unsaid"]["url"] == "/tickets/new"
    page = agent.get("/tickets/new").text
    assert (
        'value="kian@customer.example"' in page and 'value="Your order"' in page and ">It has come.</textarea>" in page
    )
    assert mine().session.get(Ticket, done["ticket"], populate_existing=True).status == "closed"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"to": "kian"}, "to", "Please check the e-mail address. Write it like name@example.com."), ({"to": "a@x.example, b@x.example"}, "to", "Please check"),
        ({"to": "support@desk.example"}, "to", "address of the desk itself"), ({"subject": " "}, "subject", "Please write a subject."), ({"text": ""}, "text", "Please write"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_is_lost(agent, mine, given, field, said):
    agent.post("/tickets/new/draft", {**LETTER, **given})
    answer = agent.post("/tickets/new", {**LETTER, **given})
    assert answer.status_code == 422 and f'data-field="{field}"' in answer.text and said in answer.text
    assert mine().session.query(Ticket).count() == 0
    assert drafts.opening(mine())["account"] == "1"


def test_the_draft_is_kept_until_it_is_sent(agent, mine):
    assert (
        agent.post(
            "/tickets/new/draft",
            {"to": "kian@customer.example", "subject": "Your order", "text": "It has", "csrf": "x"},
        ).status_code
        == 204
    )
    assert 'value="Your order"' in agent.get("/tickets/new").text
    agent.post("/tickets/new", LETTER)
    assert 'value="Your order"' not in agent.get("/tickets/new").text


def test_of_several_accounts_and_queues_one_is_chosen(agent, runtime, people):
    with runtime.uow() as uow:
        team = uow.session.get(User, people["agent"].id).teams[0]
        queue = teams.add_queue(uow, "Returns", [team.id])
        accounts.create(uow, "email", "returns", {"address": "returns@desk.example"}, queue_id=queue.id)
    page = agent.get("/tickets/new").text
    assert "returns@desk.example" in page and 'name="queue"' in page and "Invoices" not in page
    done = reported(agent.post("/tickets/new", {**LETTER, "queue": str(queue.id)}))["ticket:begun"]
    with runtime.uow() as uow:
        ticket = uow.session.get(Ticket, done["ticket"])
        assert (ticket.account_id, ticket.queue_id) == (1, queue.id)


def test_a_foreign_queue_is_no_queue(agent):
    assert agent.post("/tickets/new", {**LETTER, "queue": "2"}).status_code == 404


def test_the_customers_answer_joins(agent, arrives, runtime, people):
    done = reported(agent.post("/tickets/new", LETTER))["ticket:begun"]
    assert (
        arrives(subject=f"Re: Your order [#{done['ticket']}]", address="kian@customer.example", name="Kian")
        == done["ticket"]
    )


# Handing over -----------------------------------------------------------------------------------------------------


@pytest.fixture
def invoices(runtime, people):
    """The other team's queue, which takes tickets over."""
    with runtime.uow() as uow:
        return teams.change_queue(uow, 2, handover=True).id


@pytest.mark.parametrize(
    ("language", "group", "sentence"),
    [
        ("en", "Hand over to another team", "The ticket is with “Invoices” now. You no longer see it."),
        ("fa", "تحویل به گروهی دیگر", "این تیکت اکنون در «⁨Invoices⁩» است. دیگر آن را نمی‌بینید."),
    ],
)
def test_handed_over_it_is_gone_and_the_list_says_where_to(
    agent, arrives, invoices, mine, people, language, group, sentence
):
    agent.post("/me/preferences", {"language": language})
    ticket = arrives()
    page = agent.get(f"/tickets/{ticket}/places").text
    assert group in page and re.search(rf'name="queue" value="{invoices}"', page)
    answer = agent.post(
        f"/tickets/{ticket}/change",
        {"queue": str(invoices)},
        headers={"HX-Current-URL": f"http://localhost/tickets/{ticket}?in=all"},
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/views/all")
    assert sentence in agent.get("/views/all").text
    assert agent.get(f"/tickets/{ticket}").status_code == 404


def test_a_queue_that_does_not_say_so_is_neither_offered_nor_there(agent, arrives):
    ticket = arrives()
    page = agent.get(f"/tickets/{ticket}").text + agent.get(f"/tickets/{ticket}/places").text
    assert "Invoices" not in page and "Hand over" not in page
    assert agent.post(f"/tickets/{ticket}/change", {"queue": "2"}).status_code == 404
    assert agent.get(f"/tickets/{ticket}").status_code == 200


def test_the_address_of_a_list_that_is_not_theirs_leads_home(agent, arrives, invoices):
    answer = agent.post(
        f"/tickets/{arrives()}/change",
        {"queue": str(invoices)},
        headers={"HX-Current-URL": f"http://localhost/tickets/1?in=queue-{invoices}"},
    )
    assert answer.headers["HX-Redirect"] == "/views/mine"


def test_the_admin_switches_it_in_the_settings(signed_in, runtime, people):
    admin = signed_in("admin")
    form = {"csrf_token": admin.csrf, "name": "Invoices", "target_minutes": "1", "unit": "days", "team": "2"}
    for given, on in (({"handover": "1"}, True), ({}, False)):
        admin.post("/settings/queues/2", data={**form, **given})
        with runtime.uow() as uow:
            assert [queue.id for queue in teams.handover_queues(uow)] == ([2] if on else [])
        assert ('name="handover" value="1" checked' in admin.get("/settings/teams").text) == on
