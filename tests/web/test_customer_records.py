"""The whole record of a customer: downloaded, merged after a look at what moves, erased after a minute in which it can be
taken back.
"""

from datetime import timedelta

import pytest

from helpdesk.core.jobs import runner
from helpdesk.core.jobs.models import Job
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Message


@pytest.fixture
def admin(signed_in):
    client = signed_in("admin")
    plain = client.post
    client.post = lambda url, data=None, **options: plain(
        url, data={"csrf_token": client.csrf, **(data or {})}, **options
    )
    return client


@pytest.fixture
def mina(arrives):
    arrives("Where is my order?", "A secret elephant")
    return 1


def test_all_data_is_a_file(mina, admin):
    answer = admin.post(f"/customers/{mina}/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "A secret elephant" in answer.json["tickets"][0]["messages"][0]["text"]


def test_erasing_says_what_goes_waits_and_can_be_taken_back(mina, admin, runtime):
    page = admin.get(f"/customers/{mina}/erase").text
    assert "1 ticket" in page and "1 message" in page and "until then it can be taken back" in page
    assert admin.post(f"/customers/{mina}/erase").status_code == 302
    with runtime.uow() as uow:
        assert runner.claim(uow) is None, "it waits"
    assert "It begins in a moment." in admin.get(f"/customers/{mina}/erase").text
    assert admin.post(f"/customers/{mina}/erase/undo").status_code == 302
    with runtime.uow() as uow:
        assert uow.session.query(Job).filter_by(kind="core.erase_customer").one().state == "cancelled"
    assert "Erase for good" in admin.get(f"/customers/{mina}/erase").text


@pytest.mark.clock
def test_an_erasure_is_watched_until_it_is_done(mina, admin, runtime):
    admin.post(f"/customers/{mina}/erase")
    with runtime.uow() as uow:
        now = uow.clock() + timedelta(minutes=2)
        uow.clock = lambda: now
        job = runner.claim(uow)
        beside = admin.get(f"/customers/{mina}/erase", headers={"HX-Request": "true"}).text
        assert "It is being erased." in beside and "every 2s" in beside and "<html" not in beside
        late = admin.post(f"/customers/{mina}/erase/undo")
        assert late.status_code == 409 and "the erasure has begun" in late.text
        runner.run(uow, job)
    assert "Everything is erased." in admin.get(f"/customers/{mina}/erase").text
    with runtime.uow() as uow:
        assert uow.session.query(Message).one().text == ""
    admin.post(f"/customers/{mina}/erase")  # once more, for what came since
    with runtime.uow() as uow:
        assert uow.session.query(Job).filter_by(kind="core.erase_customer").one().state == "queued"


def test_a_merge_shows_both_before_it_is_done(mina, arrives, agent, runtime):
    arrives("Another", name="Mina R.", address="mina@work.example")
    with runtime.uow() as uow:
        other = uow.session.query(Identity).filter_by(address="mina@work.example").one().customer_id
    options = agent.get(f"/customers/{mina}/merge/options?q=Another").text
    assert "Mina R." in options and f'value="{other}"' in options
    page = agent.get(f"/customers/{mina}/merge?into={other}").text
    assert "1 ticket" in page and "mina@work.example" in page and "cannot be taken back" in page
    assert agent.post(f"/customers/{mina}/merge/{other}").status_code == 302
    with runtime.uow() as uow:
        assert [customer.id for customer in uow.session.query(Customer)] == [other]
        assert uow.session.query(Identity).filter_by(customer_id=other).count() == 2


def test_only_who_may_is_offered_these(mina, agent, admin):
    mine, theirs = (client.get(f"/customers/{mina}").text for client in (agent, admin))
    assert "/merge" in mine and "/erase" not in mine and "/export" not in mine
    assert "/erase" in theirs and "/export" in theirs
