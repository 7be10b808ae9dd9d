"""How a reply goes out, as the composer shows it: every way with what it can carry, and what was chosen kept with the
draft.
"""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.outbox import replies
from helpdesk.core.people.actors import actor_for
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import Draft, DraftFile

pytestmark = pytest.mark.clock
PROBE = Path(__file__).parents[1] / "probe"

_numbers = count(1)


@pytest.fixture
def probe(runtime, people, monkeypatch):
    """Accounts of the probe's channels by name; ``says`` brings a customer's message, its ticket's id."""
    monkeypatch.syspath_prepend(str(PROBE))
    from probe import Probe, ProbeByHand, ProbeSilent
    from stand_in import TOKEN, standing_in

    runtime.channels |= {kind.name: kind for kind in (Probe, ProbeByHand, ProbeSilent)}
    with standing_in() as provider, runtime.uow() as uow:
        settings = {"url": provider.url, "token": TOKEN, "timeout": 2.0}
        named = {"probe": "Chat", "probe_by_hand": "Calls", "probe_silent": "Heard"}
        ids = {kind: accounts.create(uow, kind, name, settings, 1).id for kind, name in named.items()}

        def says(kind, text, ago=timedelta(), **more):
            number = next(_numbers)
            event = {"kind": "message", "id": f"m-{number}", "from": f"mina{number}", "text": text, **more}
            arrived = RawMessage(f"said-{number}", json.dumps([event]).encode(), datetime.now(UTC))
            stored = intake.accept(uow, ids[kind], arrived)
            raw_worker.drain(uow)
            message = uow.session.query(Message).filter_by(raw_message_id=stored).one()
            with uow.writing():
                message.at -= ago
            return message.ticket_id

        yield type("Probed", (), {"ids": ids, "says": staticmethod(says), "provider": provider, "uow": uow})


def test_every_account_is_offered_with_what_it_carries(probe, agent):
    ticket = probe.says("probe", "Hello")
    options = agent.get(f"/tickets/{ticket}/ways").text
    assert "the customer wrote this way last · open until" in options and "up to 500 characters" in options
    assert "files up to 50" in options
    assert options.count('aria-disabled="true"') == 1 and "We know no address of theirs for this channel." in options
    assert "Heard" not in options, "from there nobody can be written to first"


def test_a_way_is_chosen_and_stays_with_the_draft(probe, agent, arrives, people):
    ticket = probe.says("probe", "Hello", phone="+989121234567")
    shown = agent.post(f"/tickets/{ticket}/way", {"choose_account": str(probe.ids["probe"])}).text
    assert 'id="way"' in shown and 'id="way-menu" class="row" hx-swap-oob="true"' in shown
    form = {"mode": "reply", "text": "Half", "account": str(probe.ids["probe"]), "visibility": "public"}
    assert agent.post(f"/tickets/{ticket}/draft", form).status_code == 204
    assert probe.uow.session.query(Draft).one().how["visibility"] == "public"
    page = agent.get(f"/tickets/{ticket}").text
    assert "Everybody can read it" in page and 'name="visibility" value="public"' in page


def test_a_reply_leaves_as_it_was_chosen_and_comes_back_so(probe, agent):
    ticket = probe.says("probe", "Where is it?", ago=timedelta(hours=30))
    page = agent.get(f"/tickets/{ticket}").text
    assert 'data-slot="closed"' in page and "menu-template" in page
    assert agent.post(f"/tickets/{ticket}/replies", {"text": "On its way"}).status_code == 422
    shown = agent.post(f"/tickets/{ticket}/way", {"choose_template": "shipped|en"}).text
    assert '<mark data-place="1">{{1}}</mark>' in shown and 'name="template_value"' in shown
    chosen = {"template_name": "shipped", "template_language": "en", "template_text": "Order {{1}} is on its way."}
    said = agent.post(f"/tickets/{ticket}/replies", {**chosen, "template_value": "12"})
    assert said.status_code == 200, said.text
    message = probe.uow.session.query(Message).filter_by(kind="out").one()
    assert (message.text, message.template["values"]) == ("Order 12 is on its way.", ["12"])
    assert agent.post(f"/messages/{message.id}/undo").status_code == 200
    again = agent.get(f"/tickets/{ticket}/way").text
    assert 'name="template_name" value="shipped"' in again and 'value="12"' in again


def test_a_provider_that_fails_leaves_the_composer_as_it_was(probe, agent):
    ticket = probe.says("probe", "Hello")
    probe.provider.fail = "busy"
    shown = agent.post(f"/tickets/{ticket}/way", {"choose_template": "shipped|en", "visibility": "public"})
    assert shown.status_code == 200 and "The service is busy." in shown.text and 'value="public"' in shown.text


def test_files_that_cannot_go_this_way_are_told_at_once(probe, agent, runtime):
    ticket = probe.says("probe_by_hand", "Call me")
    sha = runtime.blobs.put(b"x")
    agent.post(f"/tickets/{ticket}/draft", {"mode": "reply", "text": "x"})
    row = probe.uow.session.query(Draft).one()
    with probe.uow.writing() as session:
        session.add(
            DraftFile(user_id=row.user_id, ticket_id=ticket, mode="reply", name="a", type="a/b", size=1, sha256=sha)
        )
    assert agent.get(f"/tickets/{ticket}").text.count("This channel carries no files.") == 2


@pytest.fixture
def call(probe, runtime, people):
    ticket = probe.says("probe_by_hand", "Please call me")
    with runtime.uow() as uow:
        replies.reply(uow.acting(actor_for(uow.session, people["agent"])), ticket, "Explain the bill", form="call")
    return ticket, probe.uow.session.query(Delivery).one().id


def test_what_came_of_a_call_is_entered_and_shown(call, probe, agent):
    ticket, delivery = call
    page = agent.get(f"/tickets/{ticket}").text
    assert f'data-by-hand="{delivery}"' in page and 'value="wrong_number"' in page
    url = f"/deliveries/{delivery}/outcomes"
    assert agent.post(url, {"code": "promised_again"}).status_code == 422, "when?"
    assert agent.post(url, {"code": "busy", "note": "Twice"}).status_code == 200
    assert agent.post(url, {"code": "promised_again", "next_at": "tomorrow 10:00"}).status_code == 200
    page = agent.get(f"/tickets/{ticket}").text
    assert "Twice" in page and "10:00" in page and page.count("<li>", page.index('class="tried')) >= 2
    assert agent.post(url, {"code": "reached"}).status_code == 200
    page = agent.get(f"/tickets/{ticket}").text
    assert "data-by-hand" not in page and "Reached" in page
    assert agent.post(url, {"code": "busy"}).status_code == 422, "it is done"


def test_a_failed_file_is_fetched_again_by_who_may(probe, agent, signed_in):
    ticket = probe.says("probe", "Look", file="77")
    with probe.uow.writing() as session:
        file = session.query(Attachment).one()
        file.state, file.reason = "failed", "The service is busy."
    page = agent.get(f"/tickets/{ticket}").text
    url = f"/messages/{file.message_id}/files/{file.id}/again"
    assert 'data-file="failed"' in page and url in page
    stranger = signed_in("stranger")
    assert stranger.post(url, data={"csrf_token": stranger.csrf}).status_code == 404
    assert agent.post(url).status_code == 200
    assert 'data-file="waiting"' in agent.get(f"/tickets/{ticket}").text
    assert agent.post(url).status_code == 404, "it is under way"
